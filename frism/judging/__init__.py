"""Judges: what decides whether an answer is right, by rules or by asking a model."""
