# Needs python3 (3.11 or newer, with venv) and, the first time, the network. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LAB := .venv-lab
BENCH := .venv-bench
LOCKER := .venv-lock
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The lock holds every package with its hash: nothing to resolve, nothing to build, nothing unknown.
# Bytecode is written once, on all cores, and not left to first use: some systems forbid that (PYTHONDONTWRITEBYTECODE).
PIP_INSTALL := -m pip install --quiet --no-deps --no-compile
LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all: --requirement

.PHONY: setup
setup: $(VENV)/.stamp ## make the environment .venv from the lock (done by the other targets when needed)

$(VENV)/.lock-stamp: requirements/base.txt
$(LAB)/.lock-stamp: requirements/lab.txt
$(BENCH)/.lock-stamp: requirements/bench.txt
%/.lock-stamp: requirements/pip.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ...")'
	@echo "Installing the packages of $(lastword $^) into $* (once; under a minute)"
	@$(PYTHON) -m venv $*
	@$*/bin/python $(LOCKED) requirements/pip.txt
	@$*/bin/python $(LOCKED) $(lastword $^)
	@$*/bin/python -m compileall -q -j 0 -x /tests/ $*/lib || true
	@touch $@

%/.stamp: %/.lock-stamp pyproject.toml
	@$*/bin/python $(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

.PHONY: reports
reports: setup ## build a report for each parameter set, and reports/index.html
	$(BIN)/costmodel build

.PHONY: test
test: setup ## all tests: units, documentation examples, notebooks, report builds, browser
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(MAKE) quick
	$(BIN)/python -m pytest -m slow -n 2 --dist loadfile
endif

# Bytecode of tests is kept, even where that is switched off, or each process writes all their assertions anew.
.PHONY: quick
quick: setup ## tests that need no kernel, browser or build; under a minute
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal $(ARGS)

.PHONY: bench
bench: $(BENCH)/.stamp ## timings beside the usual ways, in an environment of its own: every file of benchmarks/
	@for file in benchmarks/*.py; do echo "== $$file"; $(BENCH)/bin/python "$$file" $(ARGS); done

.PHONY: lab
lab: $(LAB)/.stamp ## JupyterLab on the notebooks, in its own environment .venv-lab
	$(LAB)/bin/costmodel lab -- $(ARGS)

.PHONY: docs
docs: setup ## documentation as a site that needs no network: site/index.html
	$(BIN)/mkdocs build --strict

.PHONY: format
format: setup ## format code, mend what ruff can mend, strip outputs from notebooks
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(if $(NOTEBOOKS),$(BIN)/nbstripout --keep-id $(NOTEBOOKS))

.PHONY: lint
lint: setup ## format, style and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

.PHONY: types
types: setup ## types, by mypy
	$(BIN)/mypy

.PHONY: generated
generated: setup ## write params/schema.json and the generated pages of docs/
	$(BIN)/costmodel schema
	$(BIN)/python docs/generate.py

.PHONY: files
files: setup ## parameter sets sound and sourced, generated files up to date, notebooks without outputs
	$(BIN)/costmodel check --strict
	$(BIN)/costmodel schema --check
	$(BIN)/python docs/generate.py --check
	$(if $(NOTEBOOKS),$(BIN)/nbstripout --keep-id --verify $(NOTEBOOKS))

.PHONY: check
check: lint types files ## everything that is checked without running tests

# `make lock UPGRADE=--upgrade` takes the newest versions; without it only what pyproject.toml asks for changes.
COMPILE = $(LOCKER)/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header --no-emit-index-url $(UPGRADE)

.PHONY: lock
lock: ## resolve pyproject.toml anew into requirements/*.txt
	@test -x $(LOCKER)/bin/uv || { $(PYTHON) -m venv $(LOCKER); $(LOCKER)/bin/python -m pip install --quiet uv; }
	echo pip | $(COMPILE) - --output-file requirements/pip.txt
	$(COMPILE) pyproject.toml --extra fast --extra test --extra dev --extra docs --group install --output-file requirements/base.txt
	$(COMPILE) pyproject.toml --extra fast --extra bench --group install --constraint requirements/base.txt --output-file requirements/bench.txt
	$(COMPILE) pyproject.toml --extra lab --extra fast --group install --constraint requirements/base.txt --output-file requirements/lab.txt
	@! grep -nE '://|^rfc3987-syntax|^jupyterlab=' requirements/pip.txt requirements/base.txt requirements/bench.txt || \
		{ echo "base.txt must name no address, and hold neither JupyterLab nor the parser that slows papermill"; exit 1; }
	@! grep -n '://' requirements/lab.txt || { echo "lab.txt must name no address"; exit 1; }

.PHONY: clean
clean: ## remove reports, site and caches; the environments stay
	find reports -mindepth 1 ! -name .gitkeep -delete
	rm -rf site dist build .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks docs notebooks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: distclean
distclean: clean ## also remove the environments
	rm -rf $(VENV) $(LAB) $(BENCH) $(LOCKER)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
