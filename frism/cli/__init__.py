"""The command line: one module per step under `frism.cli.steps`; imported by nothing else."""
