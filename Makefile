# Everything a developer types. Recipes stay short; anything longer lives in bin/ or a module.
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory
SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
.SUFFIXES:

python := .venv/bin/python

##@ Quality
.PHONY: check
check: .venv/.complete ## Formatting, lint, types and import rules; changes nothing
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/basedpyright
	.venv/bin/lint-imports

.PHONY: format
format: .venv/.complete ## Format, and fix what can be fixed by itself
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.venv/.complete: bin/venv requirements/dev.txt requirements/uv.txt
	bin/venv
