"""Runs the command line as `python -m frism`."""

from frism.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
