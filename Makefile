# Everything runs in .venv; each target installs first what is missing or out of date.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)

# The time of a stamp is when that lock was last installed; .home tells a copied or moved checkout.
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
HOME_FILE := $(VENV)/.home
ifneq ($(shell cat $(HOME_FILE) 2>/dev/null),$(CURDIR))
$(RUNTIME) $(DEV): FORCE
endif

# A week for bad releases to be noticed. openai is pinned by hand, so its date is set by hand too.
COOLDOWN := --exclude-newer "1 week" --exclude-newer-package openai=2026-11-18
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(COOLDOWN)

.PHONY: help install run test check eval bench format lock clean FORCE

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

install: $(DEV) ## put Maru and its development tools into .venv
	@echo "Maru is installed: $(VENV)/bin/maru"

run: $(RUNTIME) ## start Maru
	@exec $(VENV)/bin/maru run

test: $(DEV) ## run the tests (ARGS="-k name" for some of them)
	$(VENV)/bin/python -m pytest $(ARGS)

check: $(DEV) ## everything that CI checks
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	@# Real programs, browsers and loopback services on a busy machine: what failed is tried once more, alone.
	$(VENV)/bin/python -m pytest $(ARGS) || $(VENV)/bin/python -m pytest --last-failed --last-failed-no-failures none

eval: $(DEV) ## measure how well the documents are searched
	$(VENV)/bin/python -m tests.eval $(ARGS)

bench: $(DEV) ## measure
	$(VENV)/bin/python -m tests.bench $(ARGS)

format: $(DEV) ## put the code into shape
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

lock: ## make the locks again; UPGRADE=1 takes newer releases (needs uv)
	$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --group build --output-file requirements.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --group dev --constraints requirements.lock \
		--output-file requirements-dev.lock

clean: ## remove .venv and every cache
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find bot adapters storage functions tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(RUNTIME): requirements.lock pyproject.toml
	@$(call install,requirements.lock)
	@touch $@

# All that the runtime needs is in the development lock too.
$(DEV): requirements-dev.lock requirements.lock pyproject.toml
	@$(call install,requirements-dev.lock)
	@touch $(RUNTIME) $@

# A .venv that works is kept, whichever tool made it; one made elsewhere or by an old Python is made anew.
RIGHT_PYTHON := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
define install
	set -e; \
	if [ -e $(HOME_FILE) ] && [ "$$(cat $(HOME_FILE))" != "$(CURDIR)" ] \
		|| ! $(VENV)/bin/python $(RIGHT_PYTHON) 2>/dev/null; then \
		$(PYTHON) $(RIGHT_PYTHON) 2>/dev/null || { \
			echo "Maru needs Python 3.11 or newer, and '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)" >&2; \
			echo "Install a newer one, or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }; \
		rm -rf $(VENV); \
		$(if $(UV),uv venv --quiet --no-project --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV),$(PYTHON) -m venv $(VENV)); \
	fi; \
	echo "Installing $(1) ..."; \
	$(if $(UV),,$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(VENV)/bin/python -m ensurepip >/dev/null;) \
	$(PIP_INSTALL) --require-hashes -r $(1); \
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .; \
	printf '%s\n' "$(CURDIR)" >$(HOME_FILE)
endef
ifdef UV
PIP_INSTALL := uv pip install --quiet --python $(VENV)/bin/python
else
PIP_INSTALL := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
endif
