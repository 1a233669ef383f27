# Everything is installed inside this folder (and the model in ~/.cache/voicechanger); `make clean` removes it.
PYTHON := .venv/bin/python
BIN := .venv/bin
# slow tests form one group, so that the model is loaded once (tests/conftest.py)
PARALLEL := -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup serve check test fast fuzz bench sbom lock format docs clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

setup:  ## install everything that is needed to run; quick when nothing changed
	@scripts/setup run

serve: setup  ## start database, API and workers; Ctrl-C stops them
	@$(BIN)/voicechanger serve

check:  ## lint, format, types, licences
	@scripts/setup check
	@scripts/check

test:  ## install what tests need and run all of them; ARGS="-k name" for some
	@scripts/setup test
	@$(PYTHON) -m pytest $(PARALLEL) $(ARGS)

fast:  ## the tests that need neither the real model nor a browser
	@scripts/setup test
	@$(PYTHON) -m pytest $(PARALLEL) -m "not slow" $(ARGS)

fuzz:  ## feed broken clips, pictures and texts for SECONDS=60 and print what was found
	@scripts/setup test
	@$(PYTHON) -m tests.fuzz.run --seconds $(or $(SECONDS),60)

bench: setup  ## print the speed and cloning tables
	@scripts/setup test
	@$(PYTHON) benchmarks/speed.py
	@$(PYTHON) benchmarks/cloning.py

sbom: setup  ## write sbom.json, a list of all components (CycloneDX)
	@$(PYTHON) scripts/sbom.py sbom.json

lock:  ## write the lock files anew; UPGRADE=--upgrade takes newer versions
	@scripts/setup run
	@scripts/lock.sh $(UPGRADE)

format:  ## format and fix what ruff can fix
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

docs: setup  ## write docs/settings.md and the tables of docs/guide/errors.md
	@$(PYTHON) scripts/settings_doc.py
	@$(PYTHON) scripts/errors_doc.py

clean:  ## remove what setup and builds made; data/ and the model folder stay
	rm -rf .venv node_modules build dist src/voicechanger/dashboard/static/vendor
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
