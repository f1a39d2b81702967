# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
# A second run of either does nothing that is already done.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(firstword $(foreach v,python3 python3.13 python3.12 python3.11,$(if $(shell $(v) -c 'import sys; print(*[1][:sys.version_info >= (3, 11)])' 2>/dev/null),$(v))))
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
EXAMPLES := examples/documents
PIP_QUIET ?= --quiet
TEST_MODELS := qwen2.5-coder-0.5b-instruct
UNIT := tests/unit --numprocesses 2 --dist loadfile

export GRADIO_ANALYTICS_ENABLED := False
export HF_HUB_DISABLE_TELEMETRY := 1

.PHONY: help setup models run demo test check unit real browser postgres nginx bench clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(INSTALLED) ## virtual environment with the pinned packages

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Plumbline needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: install its venv package (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Installing the pinned packages (a few minutes the first time) ..."
	@$(BIN)/python -m pip install $(PIP_QUIET) --disable-pip-version-check --constraint constraints.txt --editable '.[dev,eval]' \
		|| { echo "The packages could not be installed; see all that pip says with: make setup PIP_QUIET="; exit 1; }
	@touch $@

models: setup ## fetch and verify the default models
	@$(BIN)/plumb models pull

run: models ## the web app over the example documents
	@$(BIN)/plumb ingest $(EXAMPLES) --collection examples --if-new
	@exec $(BIN)/plumb serve --collection examples

demo: models ## three example questions answered in the terminal
	@$(BIN)/plumb ingest $(EXAMPLES) --collection examples --if-new
	@$(BIN)/plumb ask --collection examples --questions examples/demo.jsonl --text

check: setup ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: models browser postgres nginx check ## every check and every test
	@$(BIN)/plumb models pull $(TEST_MODELS)
	$(BIN)/pytest $(UNIT)
	$(BIN)/pytest tests/real

unit: setup ## the fast tests only
	$(BIN)/pytest $(UNIT)

real: models ## the tests with the real models and the browser
	@$(BIN)/plumb models pull $(TEST_MODELS)
	$(BIN)/pytest tests/real

browser: setup
	@bash tests/install_browser.sh

postgres: setup
	@bash tests/install_postgres.sh

nginx: setup
	@bash tests/install_nginx.sh

bench: models ## the short benchmark against the committed baseline (writes bench.json)
	$(BIN)/python -m benchmarks.short

clean: ## remove the virtual environment and caches (never your collections)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
