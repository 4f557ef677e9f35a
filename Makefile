# `make` alone lists the targets. Each does its own set-up in .venv, from the locks in requirements/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The oldest Python that is supported, if it is there: what runs on it runs on the others.
PYTHON ?= $(firstword $(foreach version,3.11 3.12 3.13 3.14,$(shell command -v python$(version))) python3)
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALL := requirements/install.sh $(PYTHON) $(VENV)
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
LOCKING := build/locking

PACKAGES := supervision vsm_actors exporters dashboards

# What is pure, and the tests that must reach every branch of it.
PURE := vsm_actors/core/*,vsm_actors/systems/*,vsm_actors/demo/*,vsm_actors/intake/events/*,supervision/policy/*
PURE_TESTS = $(wildcard tests/vsm_actors/core tests/vsm_actors/systems tests/vsm_actors/demo \
	tests/vsm_actors/intake/events tests/supervision/policy)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUNTIME) ## start the daemon on its defaults (ARGS="--source none" passes flags)
	@exec $(BIN)/vsm-run $(ARGS)

.PHONY: demo
demo: $(RUNTIME) ## start the daemon with a simulated organisation
	@exec $(BIN)/vsm-run demo $(ARGS)

.PHONY: test
test: $(DEV) ## run every test; coverage of all branches at least 90%
	tests/debian-packages.sh tests/debian-packages.txt
	$(BIN)/pytest --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --fail-under=90

.PHONY: check
check: $(DEV) ## format, lint, types, imports, and 100% of the branches of the pure core
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES) tests benchmarks
	NO_COLOR=1 $(BIN)/lint-imports --no-logo
	@mkdir -p build
	COVERAGE_FILE=build/pure.coverage $(BIN)/pytest -m "not slow and not acceptance" \
		--cov --cov-report= $(PURE_TESTS)
	COVERAGE_FILE=build/pure.coverage $(BIN)/coverage report --include='$(PURE)' --fail-under=100

.PHONY: bench
bench: $(DEV) ## measure load and latency, beside peers where they install
	tests/debian-packages.sh benchmarks/debian-packages.txt
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: fmt
fmt: $(DEV) ## format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: $(DEV) ## write the reference pages from the catalogue
	$(BIN)/python -m vsm_actors.reference $(ARGS)

.PHONY: lock
lock: ## resolve the requirements anew (ARGS=--upgrade takes newer versions)
	$(PYTHON) -m venv --without-pip $(LOCKING)
	$(PYTHON) -m pip --python $(LOCKING)/bin/python install --quiet 'uv>=0.8,<1'
	UV=$(LOCKING)/bin/uv requirements/lock.sh $(ARGS)

.PHONY: clean
clean: ## remove everything that is made
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .grimp_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is as old as the installation that it stands for.
$(RUNTIME): pyproject.toml requirements/install.sh requirements/runtime.lock requirements/build.lock
	$(INSTALL) requirements/runtime.lock
	@touch $@

$(DEV): pyproject.toml requirements/install.sh requirements/dev.lock requirements/build.lock
	$(INSTALL) requirements/dev.lock
	@touch $(RUNTIME) $@
