"""The configuration of a Snakemake run, or one short message and the end of the run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from frism.config.load import Setup, load
from frism.config.yaml_reader import read_scalar
from frism.errors import ConfigError
from frism.scheduling.profiles import check_profile

EXIT_ERROR = 2


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
