"""Checkpoints on disk: lazy reading, sharded atomic writing, content hashes, names of tensors."""
