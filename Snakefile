# FRISM (arXiv 2601.21187): reasoning of an LRM injected into a VLM by merging weights.
# Configuration: config/config.yaml and config/pairs/. Each rule calls one step of `frism`.

from frism.cli.flags import to_flags
from frism.config.layout import Layout, learned_methods
from frism.config.workflow import load_or_exit
from frism.config.digest import code_digest

SETUP = load_or_exit(workflow)
CONFIG = SETUP.config
RUN = Layout(SETUP)


container: "docker://python:3.11-slim"


report: "workflow/report/workflow.rst"


wildcard_constraints:
    seed=r"\d+",
    method=r"[a-z0-9_]+",
    parameters=r"[^/]+",


# The family of models: checkpoints and benchmarks.
include: "workflow/rules/family.smk"
# Task vectors and their singular subspaces.
include: "workflow/rules/subspaces.smk"
# Gates and merged checkpoints.
include: "workflow/rules/merging.smk"
# Answers and scores, by VLMEvalKit.
include: "workflow/rules/evaluation.smk"
# Tables, figures and samples.
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        f"{RUN.root}/tables/main.csv",
        [f"{RUN.output(pair, 'figures')}/tradeoff.png" for pair in RUN.pairs],
        [f"{RUN.output(pair, 'figures')}/samples.html" for pair in RUN.pairs],


onsuccess:
    print(f"\nTables, figures: {RUN.root}/tables, {RUN.root}/figures")
