# FRISM (arXiv 2601.21187): reasoning of an LRM injected into a VLM by merging weights.
# Configuration: config/config.yaml and config/pairs/. Each rule calls one step of `frism`.

import time
from pathlib import Path
from shlex import quote

from frism.cli.benchmarks import benchmark_flags
from frism.cli.flags import optional_flags, to_flags
from frism.config.experiment_checks import most_images
from frism.config.layout import REFERENCES, Layout, trained_methods
from frism.config.workflow import load_or_exit, share_or_exit, told_if_none
from frism.config.digest import CURVATURE, DRAWING, code_digest, modules_digest
from frism.planning.needs import Needs
from frism.planning.shards import answers, shares
from frism.dag.jobs import ALL, EVERYTHING, MERGES, jobs_for, outputs_of
from frism.status.report import failures
from frism.status.state import look
from frism.scheduling.leftovers import record_finished, wait_for_leftovers
from frism.scheduling.profiles import send_to_gpus

STARTED = time.time()

SETUP = load_or_exit(workflow)
CONFIG = SETUP.config
RUN = Layout(SETUP)
# threads, memory, time, GPUs and disk of each job, by the size of its pair
NEEDS = Needs(RUN)
share_or_exit(workflow)


# With `--sdm apptainer` steps run in this image, which container/frism.def makes.
container: "frism.sif"


report: "workflow/report/workflow.rst"


wildcard_constraints:
    seed=r"\d+",
    role="|".join(REFERENCES),
    experiment="|".join(CONFIG.experiments),
    method=r"[a-z0-9_]+",
    parameters=r"[^/]+",


# Models that are downloaded.
include: "workflow/rules/hub.smk"
# Benchmark files that are downloaded.
include: "workflow/rules/benchmarks.smk"
# The family of models: checkpoints and benchmarks.
include: "workflow/rules/family.smk"
# Calibration questions that are drawn from elsewhere.
include: "workflow/rules/calibration.smk"
# Singular subspaces of the task vectors, curvature.
include: "workflow/rules/subspaces.smk"
# Learned gates, merged checkpoints.
include: "workflow/rules/merging.smk"
# Candidates, choices, answers and scores, by VLMEvalKit.
include: "workflow/rules/evaluation.smk"
# Merges of models of the hub on benchmarks of the field.
include: "workflow/rules/suite.smk"
# Tables, figures and samples of each experiment.
include: "workflow/rules/report.smk"


# The first experiment of the configuration, `main` by default; of pairs without questions the merges.
rule all:
    default_target: True
    input:
        outputs_of(RUN, ALL),


rule everything:
    input:
        outputs_of(RUN, EVERYTHING),


# Merged checkpoints without evaluation.
rule merges:
    input:
        outputs_of(RUN, MERGES),


# VLM and merges on the suite, of pairs without questions of their own.
rule evaluations:
    input:
        lambda wildcards: told_if_none(RUN),


# All that needs a network.
rule downloads:
    input:
        list(RUN.downloads),
        [RUN.calibration(pair) for pair, source in RUN.drawn.items() if source.hub],
        list(RUN.fetched.values()),
        RUN.suite_files,


# Each experiment is a target of its own name.
for experiment in CONFIG.experiments:

    rule:
        name:
            experiment
        input:
            outputs_of(RUN, experiment),


# a profile's GPUs are for the rules that ask for some
send_to_gpus(workflow)


onstart:
    wait_for_leftovers(workflow)
    record_finished(workflow)


onsuccess:
    for times in Path(RUN.root, "tables").glob("times.md"):
        print(f"\nWhere the time went:\n\n{times.read_text(encoding='utf-8')}")
    if Path(RUN.root, "tables").is_dir():
        print(f"\nTables, figures: {RUN.root}/tables, {RUN.root}/figures")
    for merged in outputs_of(RUN, MERGES):
        if Path(merged).is_dir():
            print(f"merged checkpoint: {merged}")


# The full log of a job is shown when it fails, amid others; this is where to look in the end.
onerror:
    states = look(jobs_for(RUN, outputs_of(RUN, EVERYTHING)))
    # clocks of nodes differ
    for line in failures(states, since=STARTED - 60):
        print(line)
    print("\n`frism status` shows what is done, running, failed and missing.")
