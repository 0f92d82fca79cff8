"""The jobs of the workflow as its rules define them, without Snakemake."""
