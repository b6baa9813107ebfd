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

.PHONY: test-stores
test-stores: $(STAMPS)/stores ## The tests of all stores, with LanceDB, Milvus Lite and an S3 server (800 MB) installed
	@$(BIN)/python -m pytest tests/index/test_store.py tests/index/test_stores.py tests/index/test_lancedb.py \
		tests/index/test_milvus.py tests/index/test_workers.py tests/index/test_s3.py tests/index/test_same_ranking.py \
		tests/index/test_move.py tests/qa/test_move.py

.PHONY: crash
crash: $(STAMPS)/test ## Kill indexing 1,000 times and flip 500 bits: nothing half-written, no wrong text (minutes)
	@$(BIN)/python -m tests.crash

.PHONY: fuzz
fuzz: $(STAMPS)/test ## Read damaged files of each kind for ten minutes: no crash, no hang, no offset that does not hold (2.5 hours)
	@$(BIN)/python -m tests.fuzz

.PHONY: hardening
hardening: $(STAMPS)/test ## The long security tests: 500 examples an operation with three seeds, 500 uploads, no network (an hour)
	@for seed in 1 2 3; do FOOTNOTE_EXAMPLES=500 FOOTNOTE_SEED=$$seed $(BIN)/python -m pytest --timeout 0 tests/qa/api/test_fuzz.py; done
	@FOOTNOTE_ROUNDS=20 $(BIN)/python -m pytest --timeout 0 tests/qa/api/test_malformed.py tests/qa/api/test_filters.py
	@$(BIN)/python -m pytest --timeout 1800 -m 'slow or not slow' tests/qa/api/test_gate.py tests/qa/api/test_matrix.py \
		tests/test_safe_code.py tests/test_offline.py tests/test_install.py
	@$(MAKE) --no-print-directory audit

.PHONY: audit
audit: $(STAMPS)/product ## Look up known vulnerabilities of all that is installed (asks PyPI)
	@$(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/pip install -q --disable-pip-version-check pip-audit
	@$(VENV)/audit/bin/pip-audit --strict -r constraints.txt --no-deps --disable-pip

SOAK_SECONDS ?= 7200
SOAK_RATE ?= 4
.PHONY: soak
soak: $(STAMPS)/test ## Two hours of everything at a rate: memory, handles, threads, files (SOAK_SECONDS=600 SOAK_RATE=1)
	@$(BIN)/python -m bench.load soak --seconds $(SOAK_SECONDS) --rate $(SOAK_RATE)

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

.PHONY: gate
gate: $(STAMPS)/product ## Fail when a measure on the article's cases has fallen below eval/baselines/astana.json
	@$(BIN)/python -m eval gate --baseline eval/baselines/astana.json

.PHONY: train-setup
train-setup: $(STAMPS)/train ## Install what making the models needs (torch, sentence-transformers)

.PHONY: bench-setup
bench-setup: $(STAMPS)/bench ## Install what the benches compare with (torch, llama-index's embeddings)

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

# Compiled at once: where Python may not write what it compiled, every question would compile it all again.
$(STAMPS)/product: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing Footnote (about a minute) …"
	@$(PIP) install --progress-bar off -c constraints.txt -e . | $(COUNTED)
	@$(BIN)/python -m compileall -q index qa ui.py ui_assets
	@touch $@

$(STAMPS)/test: $(STAMPS)/product
	@echo "Installing what the tests need …"
	@$(PIP) install --progress-bar off -c constraints.txt -e '.[test]' | $(COUNTED)
	@touch $@

$(STAMPS)/stores: $(STAMPS)/test
	@echo "Installing LanceDB, Milvus Lite and an S3 server …"
	@$(PIP) install --progress-bar off -c constraints.txt -e '.[stores]' | $(COUNTED)
	@touch $@

$(STAMPS)/train: $(STAMPS)/test
	@echo "Installing torch and sentence-transformers …"
	@$(PIP) install --progress-bar off -c constraints.txt -e '.[train]' | $(COUNTED)
	@touch $@

$(STAMPS)/bench: $(STAMPS)/train
	@echo "Installing what the benches compare with …"
	@$(PIP) install --progress-bar off -c constraints.txt -e '.[bench]' | $(COUNTED)
	@touch $@
