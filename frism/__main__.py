"""Runs the command line as `python -m frism`."""

from frism.cli.main import command

if __name__ == "__main__":
    raise SystemExit(command())
