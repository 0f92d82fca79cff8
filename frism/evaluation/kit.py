"""VLMEvalKit behind a narrow interface: the only module that imports it.

Importing it takes seconds, switches off TLS verification and gradients for the whole process,
configures the root logger, looks for modules in a folder of its own, draws random numbers, lets
Pillow open images of any size and may load a `.env` file; all of that is put back here.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from PIL import Image

from frism.evaluation.given_files import take_files_as_they_are
from frism.evaluation.process_state import process_state_kept

with process_state_kept():
    from vlmeval.dataset import DATASET_CLASSES, SUPPORTED_DATASETS, build_dataset, image_base
    from vlmeval.dataset.image_base import ImageBaseDataset
    from vlmeval.dataset.text_base import TextBaseDataset
    from vlmeval.dataset.utils.multiple_choice import build_choices
    from vlmeval.dataset.utils.vqa_eval import hit_calculate, process_line
    from vlmeval.inference import FAIL_MSG, infer_data_job
    from vlmeval.smp import LMUDataRoot, d2df, dump, get_intermediate_file_path, load
    from vlmeval.smp.file import get_pred_file_path
    from vlmeval.smp.vlm import decode_base64_to_image_file
    from vlmeval.utils import can_infer_option
    from vlmeval.vlm.base import BaseModel

take_files_as_they_are()
EXACT_MATCHING = "exact_matching"
# VLMEvalKit's limit for images of its benchmarks; Pillow refuses above a fifth of it
MOST_PIXELS = 10**9

# what was imported stays as long as the process: the garbage collector need not walk through it,
# which takes a quarter of a second each time
gc.freeze()

__all__ = [
    "DATASET_CLASSES",
    "EXACT_MATCHING",
    "FAIL_MSG",
    "SUPPORTED_DATASETS",
    "BaseModel",
    "ImageBaseDataset",
    "LMUDataRoot",
    "TextBaseDataset",
    "build_choices",
    "build_dataset",
    "can_infer_option",
    "d2df",
    "decode_base64_to_image_file",
    "dump",
    "evaluation_module",
    "get_intermediate_file_path",
    "get_pred_file_path",
    "hit_calculate",
    "image_base",
    "infer_data_job",
    "load",
    "process_line",
    "settings",
]


def evaluation_module(name: str) -> ModuleType:
    """Returns the module of VLMEvalKit that one kind of evaluation uses: `utils.mathvista`."""
    with process_state_kept():
        return importlib.import_module(f"vlmeval.dataset.{name}")


@contextmanager
def settings(data: str | Path) -> Iterator[None]:
    """Lets VLMEvalKit read benchmarks from `data` and write plain text result files.

    Its settings are environment variables and Pillow's limit on the size of images, which are put
    back at the end of the block.
    """
    environment, pixels = dict(os.environ), Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    os.environ.update(LMUData=str(data), PRED_FORMAT="tsv", EVAL_FORMAT="csv")
    # our model splits off the chain itself, with the token limit in view
    for name in ("SPLIT_THINK", "SKIP_ERR", "PRINT_VANILLA", "VERBOSE"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        Image.MAX_IMAGE_PIXELS = pixels
