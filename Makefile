# Every target does its own set-up. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo test check bench docs lock down clean
SHELL := /bin/bash
BIN := .venv/bin
LAB ?= lab

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: ## Install what the platform needs (Debian packages, .venv, collections)
	@tools/setup run

setup-test: setup
	@tools/setup test

demo: setup ## Boot the lab, bring two clients under management, check their health
	@$(BIN)/python tools/demo.py --lab $(LAB)

test: setup-test ## Run every test (stages and times are printed; ONLY=name,... picks some)
	@$(BIN)/python tools/stages.py test $(if $(ONLY),--only $(ONLY))

check: setup-test ## The fast half of the tests: lint, types, unit and repository rules
	@$(BIN)/python tools/stages.py check $(if $(ONLY),--only $(ONLY))

bench: setup-test ## Measure the figures of docs/benchmarks.md
	@$(BIN)/python tests/bench/run.py

docs: setup-test ## Build docs/reference into build/docs and refresh the roles' option tables
	@$(BIN)/python tools/docs.py

lock: ## Renew the hashed requirement files
	@tools/lock

down: ## Remove every trace of the lab (hosts, bridge, nft table, mounts); images stay cached
	@if [ -x $(BIN)/holdfast ]; then $(BIN)/holdfast lab down --all; else echo "nothing to remove: never set up"; fi

clean: down ## down, and also remove images, caches and .venv
	@if [ -x $(BIN)/holdfast ]; then $(BIN)/holdfast lab down --all --purge; fi
	@rm -rf build .cache .venv collections/ansible_collections
