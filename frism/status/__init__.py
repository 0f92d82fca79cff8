"""What of a run is done, running, failed or missing, told from the files that it leaves."""
