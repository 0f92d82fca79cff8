"""Where jobs run: profiles of Snakemake, GPUs of this machine, jobs of SLURM."""
