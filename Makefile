# The short way to everything: `make run` tries it, `make test` proves it. Each target says in one line what it does (`make help`).
.PHONY: help run test check bench bench-quick fuzz pictures lock clean
.DEFAULT_GOAL := help

PYTHON ?= python3
export PYTHON

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run:  ## install what is pinned, start everything in one process with a demo shop, print the addresses
	@.ci/venv requirements.lock
	@THROUGHLINE_DEMO=$${THROUGHLINE_DEMO-1} exec .venv/bin/python -m server up

test:  ## lint, types, contracts, every test on SQLite, then what depends on the engine on PostgreSQL with Redis
	@.ci/debian
	@.ci/venv requirements-dev.lock
	@.ci/stages all

check:  ## the quick half of `make test`: lint, types and contracts
	@.ci/venv requirements-dev.lock
	@.ci/stages check

bench:  ## measure everything beside what it is compared with, half an hour; writes docs/performance.md
	@.ci/venv requirements-dev.lock
	@.venv/bin/python -m benchmarks

bench-quick:  ## the same in three minutes; keeps nothing and fails only when something is grossly slower
	@.ci/venv requirements-dev.lock
	@.venv/bin/python -m benchmarks run --quick

fuzz:  ## look for mails that break the parser for MINUTES=10; what is found stays in var/fuzz
	@.ci/venv requirements-dev.lock
	@mkdir -p var/fuzz
	@.venv/bin/python -m tests.fuzz -max_total_time=$$(( $${MINUTES:-10} * 60 )) -artifact_prefix=var/fuzz/ var/fuzz

pictures:  ## draw the README's pictures anew from the running product
	@.ci/debian
	@.ci/venv requirements-dev.lock
	@.venv/bin/python -m tests.journeys.pictures

lock:  ## pin the newest allowed versions again, with hashes, for both lock files
	@env -u PYTHON .ci/lock

clean:  ## remove caches; keeps your data in var/
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
