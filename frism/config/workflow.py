"""The configuration of a Snakemake run, or one short message and the end of the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from frism.config.layout import Layout
from frism.config.load import Setup, load
from frism.config.yaml_reader import read_scalar
from frism.errors import ConfigError
from frism.scheduling.profiles import check_profile
from frism.shared import FOLDER

EXIT_ERROR = 2
CACHE = "SNAKEMAKE_OUTPUT_CACHE"
HUB_FOLDERS = ("HF_HUB_CACHE", "HF_HOME", "HUGGINGFACE_HUB_CACHE")


def load_or_exit(workflow: Any, default: str = "config/config.yaml") -> Setup:
    """Returns the setup of a run: `--configfile` or else `default`, changed by `--config`.

    Args:
        workflow: Snakemake's object of that name in a Snakefile.
        default: Path of the configuration from the Snakefile's folder.

    Raises:
        SystemExit: The configuration, or the name of a profile, is wrong; the message is on
            standard error already. Snakemake's own exceptions would wrap it in a traceback.
    """
    files = [_short(path) for path in workflow.overwrite_configfiles]
    if len(files) > 1:
        _exit(f"found {len(files)} files after --configfile; expected one")
    path = files[0] if files else _short(Path(workflow.basedir) / default)
    try:
        check_profile(sys.argv[1:], workflow.basedir)
        return load(path, typed(workflow.config_settings.config))
    except ConfigError as error:
        _exit(str(error))


def told_if_none(run: Layout) -> list[str]:
    """Returns the tables of evaluations on the suite; says so where there is none to make."""
    if not run.compared:
        found = (
            "no suite" if run.setup.config.suite is None else f"the pairs {', '.join(run.pairs)}"
        )
        print(
            f"frism: nothing to evaluate: found {found}; expected a suite and a pair without "
            "questions of its own, such as one of the hub; the scores of the others come with "
            "their experiments",
            file=sys.stderr,
        )
    return run.compared


def share_or_exit(workflow: Any) -> None:
    """Makes the jobs share downloads and subspaces where Snakemake was started with `--cache`.

    Snakemake's own cache is not used: it takes no rule that has a benchmark or reads a folder,
    names entries by how they were made and not by what from, and gives all users the right to
    write to them.

    Args:
        workflow: Snakemake's object of that name in a Snakefile.

    Raises:
        SystemExit: no folder is named, or there is none; the message is on standard error.
    """
    if workflow.workflow_settings.cache is None:
        return
    folder = Path(os.environ.get(CACHE, "")).expanduser()
    if not os.environ.get(CACHE) or not folder.is_dir():
        found = os.environ.get(CACHE) or "nothing"
        _exit(
            f"--cache shares results through the folder in {CACHE}; found {found}; expected a "
            "folder that is there: make it, name it, or leave --cache out"
        )
    # jobs inherit these, on clusters too
    os.environ.setdefault(FOLDER, str(folder.resolve()))
    if not any(name in os.environ for name in HUB_FOLDERS):
        os.environ["HF_HUB_CACHE"] = str(folder.resolve() / "hub")


def typed(value: Any) -> Any:
    """Reads the text inside `--config` values: Snakemake types only the outermost level."""
    if isinstance(value, Mapping):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return read_scalar(value) if isinstance(value, str) else value


def _short(path: str | Path) -> Path:
    path = Path(path)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _exit(message: str) -> NoReturn:
    print(f"The configuration is wrong, nothing was run:\n{message}", file=sys.stderr)
    raise SystemExit(EXIT_ERROR)
