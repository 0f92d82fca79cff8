"""A pair of true width from hub ids to a merged VLM that answers; see ../README.md.

Models of the shapes of Qwen2.5-0.5B are served by a hub on loopback. The workflow is given two
short YAML files: it downloads them, decomposes all task vectors, trains gates and merges.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from memory import watched
from table import render

import frism  # noqa: F401  # mends torchvision before transformers looks for it
from tests.hub_server import HubServer

ROOT = Path(__file__).resolve().parents[2]
LAYERS, STEPS, QUESTIONS, TOKENS = 24, 20, 8, 8
MINUTES, GIB = 30, 12
CHECKED = "checked.json"
ROLES = ("base", "lrm", "vlm")
TRAINED, PLAIN = "frism/alpha=1+lambda_lrm=1", "task_arithmetic/lambda=0.5"


def main() -> int:
    """Runs everything, prints what it took and whether it is right; 1 where it is not."""
    args = _arguments()
    folder = args.folder.resolve()
    from models import calibration, make_models

    if args.check:
        (folder / CHECKED).write_text(json.dumps(_checked(folder, folder / "run")))
        return 0

    if not (folder / "made").exists():
        print("making models", flush=True)
        make_models(folder / "models", args.layers)
        calibration(folder / "data" / "calibration.tsv", QUESTIONS)
        (folder / "made").touch()
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir()
    start = time.perf_counter()
    with watched() as peak, HubServer(folder / "models") as hub:
        commits = {role: hub.add_repo(f"true/{role}", role) for role in ROLES}
        _configure(run, folder, commits, args.cores)
        environment = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(run / "hf")}
        _run(
            ["snakemake", *_workflow(run), "--cores", str(args.cores), "downloads"],
            run,
            environment,
        )
        _run(["frism", "plan", "config/pairs/true.yaml", "--config", "config/config.yaml",
              "--threads", str(args.cores)], run, environment)  # fmt: skip
        _run(["snakemake", *_workflow(run), "--cores", str(args.cores), "merges"], run, environment)
        # reloading and the answer count, so they run in a process that is watched, too
        subprocess.run([sys.executable, __file__, "--folder", str(folder), "--check"], check=True)
    minutes = (time.perf_counter() - start) / 60
    found = json.loads((folder / CHECKED).read_text())
    found |= {"minutes": minutes, "anonymous_gib": peak.anonymous / 2**30}
    found |= {"resident_gib": peak.resident / 2**30, "steps": _jobs(run)}
    (folder / "true_width.json").write_text(json.dumps(found, indent=1) + "\n")
    rows = _verdicts(found, 7 * args.layers)
    _print(found, rows)
    return int(any(row[-1] == "FAIL" for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "true-width")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--check", action="store_true", help="only check what a run has made")
    return parser.parse_args()


def _configure(run: Path, folder: Path, commits: dict[str, str], threads: int) -> None:
    """Writes what a user would: a configuration and a pair."""
    config = {
        "name": "true",
        "pairs": ["true"],
        "merges": {"task_arithmetic": {"lambda": [0.5]}, "frism": {"alpha": [1.0]}},
        "distillation": {"steps": STEPS, "batch_size": 4, "images": QUESTIONS},
    }
    pair: dict[str, Any] = {role: f"true/{role}@{commit}" for role, commit in commits.items()}
    pair |= {"calibration": str(folder / "data"), "threads": threads}
    (run / "config" / "pairs").mkdir(parents=True)
    (run / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    (run / "config" / "pairs" / "true.yaml").write_text(yaml.safe_dump(pair))


def _workflow(run: Path) -> list[str]:
    config = str(run / "config" / "config.yaml")
    return ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(run), "--configfile", config]


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    print(f"$ {' '.join(command)}", flush=True)
    subprocess.run([sys.executable, "-m", *command], cwd=folder, env=environment, check=True)


def _checked(folder: Path, run: Path) -> dict[str, Any]:
    from checks import arithmetic_error, gated_error, generated, spectrum_error

    family = run / "results" / "true" / "true" / "seed-0"
    vlm, merged = folder / "models" / "vlm", family / "merged"
    gates = family / "gates" / TRAINED / "gates.safetensors"
    return {
        "spectrum": spectrum_error(family / "subspaces"),
        "arithmetic": arithmetic_error(vlm, merged / PLAIN, 0.5),
        "gated": gated_error(vlm, merged / TRAINED, family / "subspaces", gates),
        "answer": generated(merged / TRAINED, TOKENS),
    }


def _jobs(run: Path) -> dict[str, dict[str, float]]:
    """Returns seconds and peak memory of the jobs by kind."""
    found: dict[str, dict[str, float]] = {}
    for file in sorted((run / "results" / "true" / "logs").rglob("*.tsv")):
        kind = file.stem.partition("-")[0] if file.stem.startswith("svd") else _kind(file)
        row = pd.read_csv(file, sep="\t").iloc[0]
        job = found.setdefault(kind, {"jobs": 0, "seconds": 0.0, "peak_gib": 0.0})
        job["jobs"] += 1
        job["seconds"] += float(row["s"])
        job["peak_gib"] = max(job["peak_gib"], float(row["max_rss"]) / 1024)
    return found


def _kind(file: Path) -> str:
    parts = file.parts
    return "download" if "hub" in parts else "/".join(parts[-3:-1])


def _verdicts(found: dict[str, Any], matrices: int) -> list[list[str]]:
    """Returns what was measured, its limit, and whether it keeps it."""
    spectrum = found["spectrum"]
    limits: list[tuple[str, float, float]] = [
        ("minutes, with reloading and an answer", found["minutes"], MINUTES),
        ("peak GiB of all processes, anonymous", found["anonymous_gib"], GIB),
        ("peak GiB of all processes, with mapped files", found["resident_gib"], GIB),
        ("matrices that were not decomposed", matrices - spectrum["matrices"], 0),
        ("largest relative error of known singular values", spectrum["singular_values"], 1e-5),
        ("largest other singular value over the first", spectrum["null_directions"], 1e-5),
        ("largest reconstruction error", spectrum["reconstruction"], 1e-5),
        ("task arithmetic minus the known merge", found["arithmetic"], 0),
        ("FRISM minus Eq. 7, in roundings of bfloat16", found["gated"], 1),
        ("tokens missing in the answer", TOKENS - len(found["answer"]), TOKENS - 1),
    ]
    return [
        [name, f"{value:.3g}", f"at most {limit:g}", "PASS" if value <= limit else "FAIL"]
        for name, value, limit in limits
    ]


def _print(found: dict[str, Any], verdicts: list[list[str]]) -> None:
    rows = [[kind, *job.values()] for kind, job in found["steps"].items()]
    print(render(("step", "jobs", "seconds", "peak GiB, mapped files included"), rows, True))
    print()
    print(render(("measured", "value", "limit", ""), verdicts, True))
    print(f"\nanswer after reloading: {found['answer']}")


if __name__ == "__main__":
    sys.exit(main())
