.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMPS := $(VENV)/.installed
# pip's many lines as one that counts; its errors go to standard error as they are.
COUNTED := awk '/^Collecting/ {printf "\r\033[K  %d packages, now %s", ++n, $$2; fflush()} \
	/^Installing collected/ {printf "\r\033[K  unpacking %d packages …", n; fflush()} END {print "\r\033[K  done"}'

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: serve
serve: $(STAMPS)/product ## Install what is missing, index seeds/ if there is no index, serve on http://127.0.0.1:7860
	@exec $(BIN)/qa serve

.PHONY: test
test: $(STAMPS)/test ## Install what the tests need and run them
	@$(BIN)/python -m pytest

.PHONY: test-slow
test-slow: $(STAMPS)/train ## The tests that need torch or take minutes
	@$(BIN)/python -m pytest -m slow

.PHONY: check
check: $(STAMPS)/test ## Formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.PHONY: format
format: $(STAMPS)/test ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: eval
eval: $(STAMPS)/product ## Ask the article's cases and write eval-out/report.html
	@$(BIN)/python -m eval

.PHONY: train-setup
train-setup: $(STAMPS)/train ## Install what making the models needs (torch, sentence-transformers)

.PHONY: clean
clean: ## Remove the environment and caches; indexes stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

# A stamp is renewed when what it was made from changes, so a second run installs nothing.
$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Install Python 3.11 or newer (Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "No venv module. Install it (Debian: apt install python3-venv)."; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/product: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing Footnote (about a minute) …"
	@$(PIP) install --progress-bar off -c constraints.txt -e . | $(COUNTED)
	@touch $@

$(STAMPS)/test: $(STAMPS)/product
	@echo "Installing what the tests need …"
	@$(PIP) install --progress-bar off -c constraints.txt -e '.[test]' | $(COUNTED)
	@touch $@

$(STAMPS)/train: $(STAMPS)/test
	@echo "Installing torch and sentence-transformers …"
	@$(PIP) install --progress-bar off -c constraints.txt -e '.[train]' | $(COUNTED)
	@touch $@
