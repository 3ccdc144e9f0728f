# Every target works on a fresh clone that has only make, git and Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMP := $(VENV)/.made
FUZZ_SECONDS ?= 60
EXAMPLES ?= 400
HISTORIES ?= 1000
# BENCH=--write puts what was measured into docs/performance.md.
BENCH ?=
# Pins come from the ranges in pyproject.toml, with markers for every platform from Python 3.11 up.
COMPILE = $(VENV)/pins/bin/uv --quiet pip compile pyproject.toml --universal --python-version 3.11 \
	--upgrade --no-emit-index-url --no-emit-find-links --custom-compile-command "make pins"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo test faults bench simulate fuzz check docs pins clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "PYTHON=python3.12 chooses the Python of a new environment, VENV=.venv312 its folder."

# pip -qq keeps even the reason of a failure to itself, so what failed is tried once more aloud.
venv: $(STAMP) ## make the environment that all others use

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dunctl needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make venv PYTHON=python3.12")'
	@echo "making $(VENV) (about half a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -qq --requirement requirements-dev.txt || $(PIP) install -q --requirement requirements-dev.txt
	@$(PIP) install -q --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## show the call list of the sample book
	@$(BIN)/dunctl today --as-of 2026-11-24

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

faults: $(STAMP) ## break commands in every way there is, and count what is lost (long)
	@HISTORIES=$(HISTORIES) $(BIN)/python -m tests.faults
	SEQUENCES=1000 $(BIN)/python -m pytest -q tests/test_index.py
	CONTRADICTION_STEP=1 $(BIN)/python -m pytest -q tests/faults/test_contradiction.py
	$(BIN)/python -m tests.indexdesk 30

check: $(STAMP) ## check format, lint, types and generated pages
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python tools/docs.py --check

bench: $(STAMP) ## measure plan, interest, letters, and the commands beside other programs (long)
	$(BIN)/python -m bench.assign
	$(BIN)/python -m bench.plan
	$(BIN)/python -m bench.owed
	$(BIN)/python -m bench.letters
	$(BIN)/python -m bench.commands $(BENCH)

simulate: $(STAMP) ## play the calling engine against the rules of practice (long)
	$(BIN)/python -m bench.simulate

fuzz: $(STAMP) ## try made-up bytes FUZZ_SECONDS for each reader, and EXAMPLES of each property
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(PIP) install -qq atheris 2>/dev/null || true
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m tests.fuzz.run
	EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q -n 2 -m hypothesis

docs: $(STAMP) ## write the generated pages anew
	$(BIN)/python tools/docs.py

pins: $(STAMP) ## renew requirements.txt and requirements-dev.txt
	@$(BIN)/python -m venv $(VENV)/pins
	@$(VENV)/pins/bin/python -m pip -q --disable-pip-version-check install uv
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --extra pdf --constraint requirements.txt --output-file requirements-dev.txt

clean: ## remove the environment and what was built
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .fuzz
