# From clone to table, figures and report: `make run`. Lint, types and tests: `make test`.
#
#   PYTHON=python3.12   interpreter of the environment, 3.11 or newer
#   CONFIG=...          configuration, config/config.yaml where not given
#   CORES=all           cores that Snakemake may use

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
CONFIG ?= config/config.yaml
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
# Installed means: this file exists and is newer than the pins. It is written last, so that an
# interrupted installation starts again.
RUN_STAMP := $(VENV)/.installed-run
TEST_STAMP := $(VENV)/.installed-test
PINS := pyproject.toml constraints.txt
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --constraint constraints.txt
SNAKEMAKE := $(BIN)/python -m snakemake --configfile $(CONFIG) --cores $(CORES)
# Steps run in this environment, whether or not it is activated.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help run test lint format clean

help:
	@sed -n 's/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST)) | sed -n '1,5p'

run: $(RUN_STAMP)
	@frism check-config $(CONFIG)
	@$(SNAKEMAKE)
	@results=$$(frism where $(CONFIG)); \
	$(SNAKEMAKE) --quiet all --report "$$results/.report.html"; \
	mv "$$results/.report.html" "$$results/report.html"; \
	frism where $(CONFIG) --list

test: lint
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

lint: $(TEST_STAMP)
	@ruff format --check .
	@ruff check .
	@mypy
	@snakefmt --check --compact-diff Snakefile workflow
	@snakemake --lint
	@frism check-config

format: $(TEST_STAMP)
	@ruff format .
	@ruff check --fix .
	@snakefmt Snakefile workflow

clean:
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .snakemake

$(RUN_STAMP): $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "found $$($(PYTHON) --version 2>&1), expected 3.11 or newer; name it: make PYTHON=python3.12" >&2; exit 2; }
	@echo "Installing the pinned packages into $(VENV); the first time takes minutes."
	@# Without an earlier stamp the folder is of an interrupted installation and starts afresh.
	@clear=$$(test -e $@ || echo --clear); \
	$(PYTHON) -m venv $$clear $(VENV) &> /dev/null || \
	  { $(PYTHON) -m venv --clear --without-pip $(VENV); \
	    $(PYTHON) -m pip --quiet --python $(BIN)/python install pip; }
	@$(PIP) --editable .
	@# VLMEvalKit asks for opencv-python, which needs libGL and X11. The headless build is the same
	@# module without them; pip cannot put one in the place of the other, so it is laid over it.
	@$(PIP) --no-deps --force-reinstall opencv-python-headless
	@touch $@

$(TEST_STAMP): $(RUN_STAMP)
	@echo "Installing the test packages into $(VENV)."
	@$(PIP) --editable '.[test]'
	@touch $@
