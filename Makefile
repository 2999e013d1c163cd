# Two commands matter: `make run` opens lambdatui, `make test` checks everything that CI checks.
# Both need Python 3.11 or newer, its venv module and make; all else goes into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt
ARGS ?=

.PHONY: run demo test lint types contracts check screenshots bench soak parity clean

run: .venv/.run
	@$(BIN)/lambdatui --local $(ARGS)

demo: .venv/.run
	@$(BIN)/lambdatui --demo $(ARGS)

test: lint types contracts check

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

contracts: .venv/.dev
	$(BIN)/lint-imports --no-cache

check: .venv/.dev
	$(BIN)/pytest -n 3 --dist loadscope -m "not slow" $(ARGS)

screenshots: .venv/.dev
	$(BIN)/python -m tests.screenshots

bench: .venv/.dev
	$(BIN)/python -m bench $(ARGS)

soak: .venv/.dev
	$(BIN)/pytest -m slow $(ARGS)

# AWS's own runtime clients are downloaded and compiled into the user's cache: gcc, cmake, autotools and npm.
parity: .venv/.dev
	LAMBDATUI_PARITY=1 $(BIN)/pytest -rs tests/parity $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build dist

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "lambdatui needs Python 3.11 or newer: install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "this Python has no venv module; on Debian: apt install python3-venv" >&2; exit 1; }

.venv/.run: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing lambdatui into .venv (once, about a minute) ..."
	@$(PIP) --editable '.[neighbours]'
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing lambdatui and its test tools into .venv (once, about a minute) ..."
	@$(PIP) --editable '.[neighbours,dev]'
	@touch $@ .venv/.run
