# Everything runs from the repository root, in one virtual environment (.venv) built from hash-pinned locks.
#   requirements.lock      what a study needs
#   requirements-dev.lock  the same versions, every extra of pyproject.toml, and what tests and notebooks need

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ARGS ?=
WORKERS ?= 2
NOTEBOOKS_TO ?= build/notebooks
NOTEBOOKS = $(patsubst notebooks/%.py,$(NOTEBOOKS_TO)/%.ipynb,$(wildcard notebooks/*.py))
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.requirements.stamp
DEV_STAMP := $(VENV)/.requirements-dev.stamp
# Universal: one file serves every platform and Python from 3.12 on. No annotation, header or index address, so
# that a lock says what is installed and nothing of where it was resolved.
LOCK = $(VENV)/.uv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE)

# One thread per process: replicates are spread over processes, and a sum split over a varying number of
# threads can round differently from one machine to the next.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.PHONY: help env dev-env run app docs assurance test test-slow bench lint format notebooks calibrate wheel lock clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

env: $(RUN_STAMP)  ## build .venv with what a study needs

dev-env: $(DEV_STAMP)  ## build .venv with every extra, the tests and the notebooks too

run: $(RUN_STAMP)  ## run a study: make run ARGS="replicates=8 seed=3"
	$(BIN)/python simulate.py $(ARGS)

app: $(RUN_STAMP)  ## open a page to play with: make app ARGS="--port 5007"
	$(BIN)/python simulate.py app $(ARGS)

# What pytest makes of every assert is kept for the next time, also where Python is asked to keep nothing.
test: $(DEV_STAMP)  ## run the tests: make test ARGS="tests/model -k books"
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -p no:nbmake -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

test-slow: $(DEV_STAMP)  ## run those that start, launch, kill and install the lab as a user would
	$(BIN)/python -m pytest -q -n $(WORKERS) -m slow $(ARGS)

docs: $(DEV_STAMP)  ## build the documentation site into build/site; a broken link stops it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

assurance: $(DEV_STAMP)  ## write what a reviewer asks for, with results, to build/assurance.md
	$(BIN)/python docs/assurance.py

bench: $(DEV_STAMP)  ## time the engine; prints a table and writes the same as JSON
	$(BIN)/python -m benchmarks $(ARGS)

lint: $(DEV_STAMP)  ## style, types and the one-way street of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(DEV_STAMP)  ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Kept as plain Python, so that a change to a notebook reads like any other change. Results land in build/;
# NOTEBOOKS_TO=notebooks puts the executed copies beside their sources.
notebooks: $(DEV_STAMP)  ## run every notebook from its source; any error fails
	@test -n "$(NOTEBOOKS)" || { echo "no notebooks/*.py to run" >&2; exit 1; }
	mkdir -p $(NOTEBOOKS_TO)
	for notebook in $(NOTEBOOKS); do \
	  $(BIN)/jupytext --quiet --set-kernel python3 --to ipynb --output $$notebook \
	    notebooks/$$(basename $$notebook .ipynb).py || exit 1; \
	done
	PYTHONWARNINGS="ignore:IProgress not found" $(BIN)/python -m pytest -q -n $(WORKERS) --nbmake --nbmake-timeout=600 --overwrite $(NOTEBOOKS)

calibrate: $(DEV_STAMP)  ## fit the uncertain numbers to the survey (minutes)
	$(BIN)/python simulate.py experiment=calibrate $(ARGS)

wheel: $(DEV_STAMP)  ## build the wheel, with the command honeycomb, into build/
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build .

# uv is fetched into an environment of its own: it is needed to change the locks, never to use them.
lock: $(VENV)/.uv/bin/uv  ## resolve pyproject.toml and requirements-dev.in again into the hash-pinned locks
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml requirements-dev.in --all-extras --constraint requirements.lock --output-file requirements-dev.lock

clean:  ## remove caches and built notebooks; studies in outputs/ and .venv stay
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# An old-enough Python is a common surprise, so every candidate is asked its version before it is used.
# A PYTHON given by the caller is a wish, not a hint: if it will not do, say so rather than take another.
define FIND_PYTHON
fits() { command -v "$$1" >/dev/null 2>&1 && \
  "$$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }; \
found=; \
for candidate in $${PYTHON:-python3.12 python3.13 python3.14 \
    "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python python python3}; do \
  if fits "$$candidate"; then found="$$candidate"; break; fi; \
done; \
if [ -z "$$found" ]; then \
  echo "No Python 3.12 or newer with venv and ensurepip found ($${PYTHON:+PYTHON=$$PYTHON was given; }needed: 3.12+)." >&2; \
  echo "Install one (on Debian also its -venv package), or point at one: make env PYTHON=/path/to/python3.12" >&2; \
  exit 1; \
fi
endef

# The .pth line lets a notebook or a script import the lab from any folder, with nothing to package.
# A virtual environment left half-built, or whose Python has gone, is rebuilt; a sound one is brought up to date.
define INSTALL
@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
  $(FIND_PYTHON); \
  echo "building $(VENV) with $$("$$found" --version) ($$found)"; \
  rm -rf $(VENV); "$$found" -m venv $(VENV); \
fi
@echo "installing $(1) (a minute or two the first time)"
@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(1)
@pwd > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/honeycomb-lab.pth"
endef

$(RUN_STAMP): requirements.lock
	$(call INSTALL,requirements.lock)
	@touch $@

$(DEV_STAMP): requirements-dev.lock requirements.lock
	$(call INSTALL,requirements-dev.lock)
	@touch $(RUN_STAMP) $@

$(VENV)/.uv/bin/uv: | $(RUN_STAMP)
	$(BIN)/python -m venv $(VENV)/.uv
	$(VENV)/.uv/bin/python -m pip install -qq --disable-pip-version-check uv
