"""The state of the process around code that changes it: what it was is put back."""

from __future__ import annotations

import logging
import os
import random
import ssl
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from PIL import Image


@contextmanager
def process_state_kept() -> Iterator[None]:
    """Puts back what importing VLMEvalKit changes, and what its modules could.

    TLS verification, logging, environment, gradients, warnings, where modules are looked for,
    Pillow's limit on the size of images, and the states of the random generators.
    """
    context = ssl._create_default_https_context
    root = logging.getLogger()
    handlers, level, disabled = root.handlers[:], root.level, root.manager.disable
    path, pixels = sys.path[:], Image.MAX_IMAGE_PIXELS
    logging.disable(logging.CRITICAL)  # it reports a missing .env file as an error
    try:
        # set to what they are, gradients return to it at the end of the block
        with (
            _environment_kept(),
            _draws_kept(),
            warnings.catch_warnings(),
            torch.set_grad_enabled(torch.is_grad_enabled()),
        ):
            yield
    finally:
        ssl._create_default_https_context = context
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(disabled)
        sys.path[:] = path
        Image.MAX_IMAGE_PIXELS = pixels


@contextmanager
def _environment_kept() -> Iterator[None]:
    environment = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)


@contextmanager
def _draws_kept() -> Iterator[None]:
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
