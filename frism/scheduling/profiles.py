"""What Snakemake leaves undone with profiles: names that are misspelt, and GPUs on a cluster."""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from frism.errors import ConfigError

FOLDER = "profiles"
NONE = "none"
# resources of a profile that are for jobs with GPUs: how SLURM's plugin calls them
OF_GPUS = {"gpu_partition": "slurm_partition", "gpu_model": "gpu_model"}
NODES = "nodes"
OTHERWISE = {"gpu_partition": "slurm_partition"}


def check_profile(words: Sequence[str], folder: str | Path) -> None:
    """Stops where `--workflow-profile` names no profile, which Snakemake would leave out silently.

    Args:
        words: Snakemake's arguments.
        folder: The folder of the Snakefile.

    Raises:
        ConfigError: there is no such profile.
    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--workflow-profile", nargs="?")
    name = parser.parse_known_args(words)[0].workflow_profile
    # with --directory Snakemake has left the folder that names are relative to
    start = Path(os.environ.get("PWD", ""))
    places = [Path(), Path(FOLDER), Path(folder) / FOLDER, start, start / FOLDER]
    if name is None or name == NONE or any((place / name).exists() for place in places):
        return
    known = sorted(each.parent.name for each in (Path(folder) / FOLDER).glob("*/config.yaml"))
    close = difflib.get_close_matches(Path(name).name, known, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise ConfigError(
        f"--workflow-profile: found no profile {name!r}; expected {', '.join(known)} or a path to "
        f"another{hint}"
    )


def send_to_gpus(workflow: Any) -> None:
    """Gives the partition and type of GPUs that a profile names to the jobs that ask for GPUs.

    A profile has one value of a resource for all rules. Its `gpu_partition` and `gpu_model` would
    send jobs without GPUs to GPUs, too. Several GPUs are asked for on one node: SLURM may take them
    from several otherwise, which is of no use to one process.

    Args:
        workflow: Snakemake's object of that name, after all rules.
    """
    for rule in workflow.rules:
        resources = rule.resources
        for name, of_plugin in OF_GPUS.items():
            if name not in resources:
                continue
            given, resources[name] = resources[name], None
            if "gpu" in resources:
                other = resources.get(OTHERWISE.get(name, ""))
                resources[of_plugin] = _by_gpus(resources["gpu"], given, other)
        if "gpu" in resources and NODES not in resources:
            resources[NODES] = _on_one_node(resources["gpu"])


def _by_gpus(asked: Any, given: Any, other: Any) -> Callable[..., Any]:
    """Returns one resource for jobs with GPUs, another for those without."""
    return _worked_out(lambda value: value(given if value(asked) else other))


def _on_one_node(asked: Any) -> Callable[..., Any]:
    """Returns one node for jobs with several GPUs, nothing for others."""
    return _worked_out(lambda value: 1 if value(asked) > 1 else None)


def _worked_out(choose: Callable[[Callable[[Any], Any]], Any]) -> Callable[..., Any]:
    """Returns what Snakemake asks when a job is there, whose resources have values then."""

    def chosen(
        wildcards: Any, input: Any, attempt: int, threads: int, rulename: str, async_run: Any
    ) -> Any:
        known = {"input": input, "attempt": attempt, "threads": threads}
        known |= {"rulename": rulename, "async_run": async_run}
        return choose(lambda resource: resource.evaluate(wildcards, **known).value)

    return chosen
