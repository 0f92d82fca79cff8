"""The files of a checkpoint that shape what a model is asked and when it ends."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from frism.checkpoints.reader import Checkpoint

# whatever else lies beside weights, such as the state of a training, is read by no one here
PATTERNS = (
    *("config.json", "generation_config.json", "*processor_config.json"),
    *("tokenizer*", "vocab*", "merges*", "special_tokens*", "added_tokens*", "tekken.json"),
    *("chat_template*", "*.jinja", "*.model", "*.tiktoken"),
)


def prompting_files(checkpoint: Path) -> list[Path]:
    """Returns configuration, tokenizer, processor and chat templates in the order of names."""
    found = Checkpoint(checkpoint).side_files
    return [file for file in found if any(fnmatch(file.name, name) for name in PATTERNS)]
