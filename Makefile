# Two commands: `make demo` turns the example sheet into out/demo, `make test` runs every check.

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
export NUMBA_CACHE_DIR ?= $(CURDIR)/$(VENV)/kernels

.PHONY: demo test lint clean

demo: $(VENV)/installed
	@$(BIN)/genkei make --sheet examples/hana/sheet.png -o out/demo --force
	@echo "Open out/demo/report.html in a browser."

test: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/pytest -q -n 2

clean:
	rm -rf $(VENV) out .pytest_cache .ruff_cache .hypothesis build dist

# Installed once; again when the requirements or the sources change.
$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt $(shell find src -name '*.py' -o -name '*.css' -o -name '*.toml')
	@echo "installing genkei into $(VENV) ..."
	@if [ -e $(VENV)/installed-dev ]; then touch $@; else $(PIP) install -c constraints.txt . && touch $@; fi

$(VENV)/installed-dev: $(VENV)/made pyproject.toml constraints.txt
	@echo "installing genkei and its test tools into $(VENV) ..."
	@$(PIP) install -c constraints.txt -e '.[dev,train,diffusion]'
	@touch $@

$(VENV)/made:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "genkei needs Python 3.11 or newer; found: $$(python3 --version 2>/dev/null || echo none)." \
	       "Install one and say where it is: make demo PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu:" \
	       "apt install python3-venv" >&2; exit 1; }
	@touch $@
