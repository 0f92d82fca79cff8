"""The command line against a hub on loopback, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.hub_server import HubServer

REPO = "owner/model"
SECRET = "hf_verysecrettoken"
INDEX = "model.safetensors.index.json"
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
# what a user's environment may hold and a test must not depend on
FOREIGN = ("HF_", "HUGGING", "TRANSFORMERS_", "http_", "https_", "HTTP_", "HTTPS_", "ALL_PROXY")


@dataclass(frozen=True)
class HubRuns:
    """A hub, and runs of frism that know no other.

    Args:
        server: The hub.
        folder: Everything of the test lies here.
    """

    server: HubServer
    folder: Path

    @property
    def cache(self) -> Path:
        """The folder of the model in the client's cache."""
        return self.folder / "home" / "hub" / f"models--{REPO.replace('/', '--')}"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def environment(self, **more: str) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return own | {"HF_ENDPOINT": self.server.url, "HF_HOME": str(self.folder / "home")} | more

    def command(self, revision: str, *words: str, repo: str = REPO) -> list[str]:
        model = f"{repo}@{revision}"
        command = [sys.executable, "-m", "frism", "download", "--model", model]
        return [*command, "--output", str(self.output), *words]

    def download(
        self, revision: str, *words: str, repo: str = REPO, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs `frism download` and forgets what was asked before."""
        self.server.asked.clear()
        command = self.command(revision, *words, repo=repo)
        return self._run(command, **more)

    def python(self, code: str, **more: str) -> subprocess.CompletedProcess[str]:
        self.server.asked.clear()
        return self._run([sys.executable, "-c", code], **more)

    def source(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.output / "source.json").read_text())
        return found

    def _run(self, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment(**more)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def write_model(folder: Path, seed: int = 0, rows: int = 4) -> dict[str, torch.Tensor]:
    """Writes a sharded model of two tensors with side files; `rows` kilobytes of floats each."""
    folder.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    tensors = {
        name: torch.randn(rows, 256, generator=generator) for name in ("a.weight", "b.weight")
    }
    for (name, tensor), file in zip(tensors.items(), SHARDS, strict=True):
        save_file({name: tensor}, folder / file)
    weight_map = dict(zip(tensors, SHARDS, strict=True))
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen2", "seed": seed}))
    (folder / "tokenizer.json").write_text("{}")
    return tensors
