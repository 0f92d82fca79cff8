"""A private SLURM on loopback, and the workflow on it."""
