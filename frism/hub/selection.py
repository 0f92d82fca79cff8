"""Which files of a repository are needed: weights once, configuration, tokenizer, processor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from frism.errors import CheckpointError
from frism.hub.reference import HubModel

CONFIG = "config.json"
SAFETENSORS = ("model.safetensors.index.json", "model.safetensors")
PICKLE = ("pytorch_model.bin.index.json", "pytorch_model.bin")
SIDE_FILES = (
    "config*.json",
    "generation_config.json",
    "tokenizer*.json",
    "*.model",
    "vocab.*",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "chat_template.*",
    "*.jinja",
)
CHAT_TEMPLATES = ("additional_chat_templates/*.jinja",)
CODE = "*.py"
OTHER_WEIGHTS = ("*.safetensors", "*.gguf", "*.onnx", "*.pth", "*.pt", "*.bin", "*.h5", "*.msgpack")


@dataclass(frozen=True)
class Consent:
    """What the user of a repository agrees to; nothing by default.

    Args:
        allow_pickle: Whether pickle weights may be read (with `weights_only`) where there are no
            safetensors.
        trust_remote_code: Whether the repository's Python files are needed.
    """

    allow_pickle: bool = False
    trust_remote_code: bool = False


@dataclass(frozen=True)
class Selection:
    """The needed files of a repository.

    Args:
        weights: The files with tensors, sorted.
        side_files: All others, sorted: the index of the weights, configuration, tokenizer, ...
        pickle: Whether the weights are pickles.
    """

    weights: tuple[str, ...]
    side_files: tuple[str, ...]
    pickle: bool

    @property
    def names(self) -> tuple[str, ...]:
        """All needed files: small ones first, so that a mistake shows early."""
        return self.side_files + self.weights


def select(
    names: Collection[str],
    weight_map: Callable[[str], Mapping[str, str]],
    consent: Consent,
    model: HubModel,
) -> Selection:
    """Chooses the needed files.

    Args:
        names: All files of the repository.
        weight_map: Gives the file of each tensor from the index of the given name.
        consent: What the user agrees to.
        model: The model as messages name it.

    Raises:
        CheckpointError: there is no configuration or no weights, the index names files that are
            missing, or the weights are pickles without consent.
    """
    if CONFIG not in names:
        raise CheckpointError(
            f"{model} has no {CONFIG}; expected a model in the layout of transformers: choose a "
            "repository that holds one, often the name with -hf"
        )
    source = _weights_source(names, consent, model)
    weights: tuple[str, ...] = (source,)
    if source.endswith(".json"):
        weights = tuple(sorted(set(weight_map(source).values())))
        _check_complete(weights, names, source, model)
    patterns = (*SIDE_FILES, CODE) if consent.trust_remote_code else SIDE_FILES
    side_files = {name for name in names if "/" not in name and _matches(name, patterns)}
    side_files |= {name for name in names if _matches(name, CHAT_TEMPLATES)}
    side_files |= {source} - set(weights)
    return Selection(weights, tuple(sorted(side_files)), source in PICKLE)


def _weights_source(names: Collection[str], consent: Consent, model: HubModel) -> str:
    """Returns the index, or the single file of weights."""
    if found := _first(SAFETENSORS, names):
        return found
    pickled = _first(PICKLE, names)
    if pickled and consent.allow_pickle:
        return pickled
    if pickled:
        raise CheckpointError(
            f"{model} has pickle weights only ({pickled}); expected safetensors, because loading a "
            "pickle can run code. Name a revision that has safetensors (the hub often offers "
            "refs/pr/...), or set allow_pickle: true (--allow-pickle): they are then read with "
            "torch's weights_only and converted"
        )
    others = sorted(name for name in names if _matches(name, OTHER_WEIGHTS))[:3]
    raise CheckpointError(
        f"{model} has no weights in the layout of transformers: expected "
        f"{' or '.join(SAFETENSORS)}, found {', '.join(others) or 'none'}; choose a revision or a "
        "repository that has them"
    )


def _check_complete(
    weights: Iterable[str], names: Collection[str], index: str, model: HubModel
) -> None:
    if missing := sorted(set(weights) - set(names)):
        raise CheckpointError(
            f"{index} of {model} names {missing[0]}, which the repository does not have "
            f"({len(missing)} such files); choose another revision"
        )


def _first(candidates: Iterable[str], names: Collection[str]) -> str | None:
    return next((name for name in candidates if name in names), None)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
