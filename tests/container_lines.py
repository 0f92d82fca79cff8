"""What the two definitions of the image run and copy, in one form.

python -m tests.container_lines ENVIRONMENT   runs the install lines in a new environment
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE, DEFINITION = ROOT / "container" / "Dockerfile", ROOT / "container" / "frism.def"
SECTION = re.compile(r"^%(\w+)\n(.*?)(?=^%|\Z)", re.MULTILINE | re.DOTALL)
INSTALL = "python -m pip install "


def instructions(text: str) -> list[tuple[str, str]]:
    """Returns instruction and argument of each line of a Dockerfile, continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    pairs = [line.partition(" ") for line in joined.splitlines()]
    return [(word, argument.strip()) for word, _, argument in pairs]


def docker_commands() -> list[str]:
    """Returns the commands that the Dockerfile runs, in their order."""
    runs = [argument for word, argument in instructions(DOCKERFILE.read_text()) if word == "RUN"]
    return [" ".join(part.split()) for run in runs for part in run.split(" && ")]


def docker_copies() -> set[str]:
    """Returns what the Dockerfile copies."""
    found = [
        argument.split()
        for word, argument in instructions(DOCKERFILE.read_text())
        if word == "COPY"
    ]
    return {source for *sources, _ in found for source in sources}


def sections() -> dict[str, str]:
    """Returns the sections of Apptainer's definition by name."""
    return dict(SECTION.findall(DEFINITION.read_text()))


def apptainer_commands() -> list[str]:
    """Returns the commands that the definition runs to build and test, in their order."""
    lines = (sections()["post"] + sections()["test"]).splitlines()
    words = [part.strip() for line in lines for part in line.split(" && ")]
    return [word for word in words if word and not word.startswith("cd ")]


def install(environment: Path) -> None:
    """Runs the lines that install and check packages, from copies of what the image holds."""
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    path = f"{environment.resolve() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    lines = docker_commands()
    lines = lines[next(n for n, line in enumerate(lines) if line.startswith(INSTALL)) :]
    with tempfile.TemporaryDirectory() as folder:
        for name in docker_copies():
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            copy(ROOT / name, Path(folder, name))
        for line in lines:
            print(f"+ {line}", flush=True)
            subprocess.run(
                ["bash", "-euo", "pipefail", "-c", line],
                cwd=folder,
                env=variables | {"PATH": path, "PYTHONNOUSERSITE": "1"},
                check=True,
            )


if __name__ == "__main__":
    install(Path(sys.argv[1]))
