"""What a checkpoint asks of `generate` that has no part in an evaluation: all are asked alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

GENERATION_CONFIG = "generation_config.json"
# by name, the values that change nothing; no settings of sampling, which an evaluation has itself
NEUTRAL: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("repetition_penalty", "encoder_repetition_penalty"), (1,)),
    **dict.fromkeys(("num_beams", "guidance_scale"), (1,)),
    **dict.fromkeys(("no_repeat_ngram_size", "encoder_no_repeat_ngram_size"), (0,)),
    **dict.fromkeys(("min_length", "min_new_tokens"), (0,)),
    **dict.fromkeys(("bad_words_ids", "suppress_tokens", "begin_suppress_tokens"), ([],)),
    **dict.fromkeys(("sequence_bias", "exponential_decay_length_penalty"), ([],)),
    **dict.fromkeys(("forced_bos_token_id", "forced_eos_token_id"), ()),
    **dict.fromkeys(("penalty_alpha", "dola_layers"), (0,)),
}


def penalties(checkpoint: Path) -> dict[str, Any]:
    """Returns the penalties, bans and searches of a checkpoint's generation_config.json."""
    try:
        content = json.loads((checkpoint / GENERATION_CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # who loads the model says what is wrong
    found = {name: content.get(name) for name in NEUTRAL} if isinstance(content, dict) else {}
    return {n: value for n, value in found.items() if value not in (None, *NEUTRAL[n])}
