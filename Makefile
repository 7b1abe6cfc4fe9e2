# Every target makes .venv itself, and says so where the system lacks something that pip cannot bring.
# PYTHON=python3.13 picks the interpreter, ARGS="…" is handed on to the program or to pytest.

PYTHON ?= python3
export PYTHON
ARGS ?=
VENV_PYTHON := .venv/bin/python
# Where an environment forbids compiled files, every program that a test starts would compile every library anew.
export PYTHONDONTWRITEBYTECODE =
# One process more than there are cores: each waits for servers and programs a part of its time. It takes whole files,
# because the tests of a file share what they made.
PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PARALLEL = --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder
OFFSCREEN := QT_QPA_PLATFORM=offscreen

.DEFAULT_GOAL := help
# One environment is made at a time.
.NOTPARALLEL:
.PHONY: help run tour test test-full lint format install bench screenshots translations package lock clean

help: ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | awk -F '|' '{printf "  make %-13s %s\n", $$1, $$2}'

run: .window ## Start the window; DEMO=1 opens the demo, signed in
	@$(VENV_PYTHON) -m desktop_app $(if $(filter-out 0,$(DEMO)),--demo) $(ARGS)

tour: .window ## Drive the real window through the journey without a display
	@$(OFFSCREEN) $(VENV_PYTHON) -m tools.tour $(ARGS)

test: .tests ## Run the tests
	@$(VENV_PYTHON) -m pytest $(PARALLEL) $(ARGS)

test-full: .tests ## Run the tests, also the long ones
	@$(VENV_PYTHON) -m pytest $(PARALLEL) -m "" $(ARGS)

lint: .environment-test ## Check style and types
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy

format: .environment-test ## Put the source into the agreed format
	@$(VENV_PYTHON) -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .

install: .window ## Make .venv with the window and the command line
	@echo "The window is .venv/bin/labkeep, the command line .venv/bin/labkeep-admin"

bench: .benchmarks ## Measure, and compare with the budgets
	@$(VENV_PYTHON) -m tests.benchmarks $(ARGS)

screenshots: .window ## Draw the pictures of the manuals
	@$(OFFSCREEN) $(VENV_PYTHON) -m tools.screenshots $(ARGS)

# Only from the command line: the environment's LANGUAGE is the person's own, for programs that speak it.
translations: .window ## Collect the window's sentences into LANGUAGE=tr, or into every catalog; check and release
	@$(VENV_PYTHON) -m tools.translations $(if $(filter command,$(origin LANGUAGE)),$(LANGUAGE))

package: .window ## Build the programs into dist/labkeep, try them, and make the .deb and the archive
	@PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV_PYTHON) -m pip install --quiet --no-input --no-deps \
		--only-binary :all: --require-hashes -r requirements-package.lock
	@$(VENV_PYTHON) packaging/build.py $(ARGS)

lock: ## Make the locks from pyproject.toml; needs uv
	@tools/lock.sh $(ARGS)

clean: ## Take away everything that was made, also .venv
	@rm -rf .venv build dist tour .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: .window .tests .benchmarks .system-window .system-tests .system-bench .environment-runtime .environment-test

# What the system lacks is said first, before anything is downloaded.
.window: .system-window .environment-runtime

.tests: .system-tests .environment-test

.benchmarks: .system-bench .environment-test

.system-window:
	@tools/system_packages.sh window

.system-tests:
	@tools/system_packages.sh tests

.system-bench:
	@tools/system_packages.sh bench

.environment-runtime:
	@tools/environment.sh runtime

.environment-test:
	@tools/environment.sh test
