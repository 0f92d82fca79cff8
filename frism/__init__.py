"""frism: subspace-level injection of reasoning into vision-language models by weight merging."""

__version__ = "0.1.0"
