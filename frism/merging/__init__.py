"""Merging whole checkpoints: a method is applied matrix by matrix, from files to files."""
