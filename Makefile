# One definition of every command that people and CI run. `make` alone lists them.
# Everything is made inside this folder: .venv (the tools), .cache (their notes), var (the home of `quincena`).

PYTHON ?= python3
MONTH := 2026-10
WORLDS ?= 10000
SEED ?= 1000
TRIALS ?= 34
VENV := .venv
BIN := $(VENV)/bin
CACHE := $(CURDIR)/.cache
DATACOMPY := $(CACHE)/datacompy
# What a tool would keep in the user's home, it keeps here.
TOOL_HOME := $(CACHE)/home
INSTALL := $(BIN)/python -m pip install --quiet --no-cache-dir --no-deps --disable-pip-version-check
# One process more than cores, as tests wait for the disk. A file stays in one process, so that what its tests share is
# made once; tests/conftest.py has the long ones begin first.
# Bytecode is kept, whatever the environment says: each process would compile the project and its tests anew.
TESTS := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=20 --durations-min=5 --basetemp=$(CACHE)/pytest
# Tests of the rules and of single parts are traced; the others go through files and processes, and would cost half as
# much again (docs/decisions/0029).
TRACED := tests/spec tests/unit
LOCK := $(CACHE)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-cache --quiet

export HYPOTHESIS_STORAGE_DIRECTORY := $(CACHE)/hypothesis
export DAGSTER_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test simulate faults check static lint format types imports defs documents coverage docs ui bench bench-full lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/project.stamp ## build .venv, with the `quincena` command in it (again only when a pin or pyproject.toml changed)

$(VENV)/pins.stamp: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Quincena needs Python 3.11 or newer as $(PYTHON). Elsewhere? make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Building .venv (about a minute) ..." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)/project.stamp: $(VENV)/pins.stamp pyproject.toml requirements.in requirements-dask.in
	@$(INSTALL) --no-build-isolation --editable .
	@$(BIN)/python -m pip check --quiet --disable-pip-version-check
	@touch $@

run: setup ## reconcile October 2026 from the fixtures and say where the answers are
	@$(BIN)/quincena --home var run --month $(MONTH) --inbox fixtures/months/$(MONTH)/inbox \
	  --received-at 2026-11-01T06:00:00Z

test: setup ## run every test, on two cores, those of single parts and of the rules with branch coverage
	$(TESTS) --cov --cov-report= $(TRACED)
	$(TESTS) $(addprefix --ignore=,$(TRACED))

simulate: setup ## try the rules on 10,000 made-up worlds against their slow twin (WORLDS=n for more, SEED=n for others)
	$(BIN)/python -m tests.property.campaign --worlds $(WORLDS) --seed $(SEED)

faults: setup ## kill landings and publications at a hundred moments each (TRIALS=n for more)
	QUINCENA_FAULT_TRIALS=$(TRIALS) $(TESTS) tests/faults

check: static test coverage ## what CI and you run before a change is offered: style, types, imports, definitions, tests

static: lint types imports defs documents # what needs no test run

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports --cache-dir .cache/import-linter

defs: setup # with no environment variable but the search path and a home of its own, in which dg is told to report nothing
	@mkdir -p $(TOOL_HOME)/.config
	@printf '[cli.telemetry]\nenabled = false\n' > $(TOOL_HOME)/.config/dg.toml
	env -i PATH="$(CURDIR)/$(BIN):$$PATH" HOME="$(TOOL_HOME)" $(BIN)/dg check defs

documents: setup
	$(BIN)/python -m schemas.document --check
	$(BIN)/python -m tests.spec.generate --check
	$(BIN)/python -m pipelines.defs.document --check

coverage: # of the last test run; rules and schemas leave no branch out
	@echo "What is reached from $(TRACED); what the other tests reach is not traced:"
	$(BIN)/coverage report
	$(BIN)/coverage report --include='pipelines/rules/*,schemas/*' --fail-under=100

format: setup ## set the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## generate docs/schemas.md, docs/rules.md and docs/lineage.md again
	$(BIN)/python -m schemas.document
	$(BIN)/python -m tests.spec.generate
	$(BIN)/python -m pipelines.defs.document

ui: setup ## open the Dagster UI on the home var/
	@$(BIN)/quincena --home var ui

bench: setup $(DATACOMPY)/pins.stamp ## measure `quincena run` against its peers on 100,000 payments, its stages, and reading
	$(BIN)/python -m tests.benchmarks.compare --payments 100000
	$(BIN)/python -m tests.benchmarks.run
	$(BIN)/python -m tests.benchmarks.reading
	$(BIN)/python -m tests.benchmarks.dagster_cost

bench-full: setup $(DATACOMPY)/pins.stamp ## the same peers at 100,000 to 10 million payments, nights, a cluster (hours); writes docs/performance.md
	$(BIN)/python -m tests.benchmarks.compare --payments 100000 1000000 3000000 10000000 --results docs/performance.json
	$(BIN)/python -m tests.benchmarks.figures docs/performance.json \
	  --document docs/performance.md --chart docs/images/performance.svg
	$(BIN)/python -m tests.benchmarks.nights --payments 10000000 --shards 0
	$(BIN)/python -m tests.benchmarks.sharding --payments 400000

$(DATACOMPY)/pins.stamp: requirements-datacompy.txt # datacompy wants older libraries than the product's
	@$(PYTHON) -m venv --clear $(DATACOMPY)
	@$(DATACOMPY)/bin/python -m pip install --quiet --no-cache-dir --no-deps --disable-pip-version-check \
	  --require-hashes --requirement requirements-datacompy.txt
	@touch $@

lock: ## pin requirements*.in, with everything they need, into requirements*.txt
	@$(PYTHON) -m venv --clear $(CACHE)/lock
	@$(CACHE)/lock/bin/pip install --quiet --no-cache-dir uv==0.13.9
	@for name in requirements requirements-dev requirements-datacompy; do \
	  $(LOCK) $$name.in --output-file $$name.txt && \
	  { echo "# Every version pinned, with its digests, by \`make lock\` from $$name.in. Do not edit by hand."; \
	    cat $$name.txt; } > $(CACHE)/lock/$$name.txt && \
	  cp $(CACHE)/lock/$$name.txt $$name.txt || exit 1; \
	done

clean: ## remove what the tools made; your tables in var/ stay
	rm -rf $(VENV) $(CACHE) build *.egg-info
	find pipelines schemas tests -name __pycache__ -type d -prune -exec rm -rf {} +
