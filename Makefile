# What can be done with this project. `make` lists it. Needs Node 20.19 or newer, npm and make.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

installed := node_modules/.package-lock.json
built := dist/index.js
sources := $(shell find lib runners examples scripts -name '*.ts' -o -name '*.mjs' 2>/dev/null) \
  package.json tsconfig.json tsconfig.build.json tsup.config.ts

.PHONY: help install build check lint format test coverage bench bench-node parity libcni simulate crash demo demo-node clean

help: ## Lists what can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 16

install: $(installed) ## Installs the packages that package-lock.json names
build: $(built) ## Builds dist
lint: $(installed) ## Checks style, layers and purity
	@node scripts/lint.mjs
format: $(installed) ## Formats the sources and sorts their imports
	@npm run --silent format
check: $(installed) ## Checks the types
	@npm run --silent check
test: $(installed) ## Builds, checks, lints and tests, on this Node and on the newest LTS line
	@node scripts/test.mjs
coverage: $(installed) ## Tests, and says which lines of lib no test reaches
	@node scripts/coverage.mjs
bench: $(built) ## Measures planning beside JSON.parse, and keeps the figures in bench/results
	@node --import tsx bench/plan.ts --json bench/results/plan.json
bench-node: $(built) ## Measures ADD and DEL on a node beside the binaries: needs root and the standard plugins
	@node bench/node.mjs --json bench/results/node.json
simulate: $(installed) ## Runs a million schedules of faults on a simulated node (COUNT=n, SEED=n replays one)
	@node scripts/simulate.mjs
parity: $(installed) ## Compares the ip runner with the plugin binaries, row by row (ROW=name, PART=same|cross|failures)
	@node --import tsx test/parity/run.ts
libcni: $(built) ## Compares decoding with Go's libcni: needs golang-go and golang-github-appc-cni-dev (COUNT=n, FROM=n, KIND=name)
	@node --import tsx test/libcni/run.ts
crash: $(built) ## Kills the programs at every system call, for real: needs root (COUNT=n, SEED=n, AT=point)
	@node --import tsx test/crash/command.ts
demo: $(built) ## Plans and attaches pods in a simulated node: no root, no cluster
	@node scripts/demo.mjs
demo-node: $(built) ## Attaches a pod for real, in a network namespace: needs root, and the standard plugins unless RUNNER=ip
	@RUNNER='$(RUNNER)' node scripts/demo-node.mjs
clean: ## Removes what was built, downloaded and measured
	@rm -rf dist coverage .cache

$(installed): package.json package-lock.json
	@npm ci --loglevel error >/dev/null
	@touch $@

$(built): $(installed) $(sources)
	@node scripts/build.mjs
