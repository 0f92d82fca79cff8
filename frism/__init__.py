"""frism: subspace-level injection of reasoning into vision-language models by weight merging."""

from frism.torchvision_import import install

__version__ = "0.1.0"

install()
