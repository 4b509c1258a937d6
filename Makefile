# One command per verb, the same on a laptop and in CI. `make PYTHON=/path/to/python3 ...` chooses a Python.

BIN := .venv/bin
SETUP = python=$$(sh scripts/find_python.sh) && "$$python" scripts/setup.py
# Processes that share few cores are slowed thirtyfold by libraries that each start a thread per core. And hundreds of
# them are started: what one has compiled the others need not, whatever the caller's environment says of that.
CALM := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=
# A file at a time in each of three processes, in the order of tests/conftest.py: the long ones first. For a third of
# its time a test waits for servers, browsers and clocks: with a process more than cores these are not idle meanwhile.
THREE := -n 3 --dist loadfile --no-loadscope-reorder
# One after the other, while the tests wait for servers; what they say is shown at the end.
BESIDE = { $(BIN)/python -m mypy; types=$$?; \
	$(CALM) .venv-local-models/bin/python -m pytest -m local_models $(WITH_MODELS) && exit $$types; } >.venv/beside.log 2>&1
# Only these files: to collect all takes longer than to run those that need the models.
WITH_MODELS = $$(grep -rl --include='test_*.py' 'mark\.local_models' tests)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev setup-browser setup-nginx setup-local-models setup-serve demo up test faults lint types fmt bench docs lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

setup: ## create .venv with everything `make demo` needs
	@$(SETUP) base

demo: setup ## write an article from examples/, offline, and show it checked
	@$(BIN)/aiwriter demo

up: setup-serve ## start dashboard, API, Prefect, worker and Chroma over the home that `make demo` used
	@$(BIN)/aiwriter up

test: setup-dev setup-browser setup-nginx setup-local-models lint ## set everything up, then run every check and test
	@trap 'kill 0' INT; $(BESIDE) & beside=$$!; \
		$(CALM) $(BIN)/python -m pytest --durations=15 $(THREE); tests=$$?; \
		wait $$beside; beside=$$?; cat .venv/beside.log; exit $$((tests | beside))

faults: setup-dev setup-browser setup-nginx ## kill processes in the middle of their work, the long form
	@$(CALM) $(BIN)/python -m pytest -m faults

lint: setup-dev ## style, formatting and import contracts
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/lint-imports --no-logo

types: setup-dev ## mypy --strict
	@$(BIN)/python -m mypy

fmt: setup-dev ## format the code and mend what ruff can mend
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

bench: setup-dev ## list the benchmarks and measure the main job
	@$(BIN)/python scripts/list_benchmarks.py
	@$(BIN)/python benchmarks/main_job.py

docs: setup-dev ## check the documents: links, README's commands, diagrams (drawn anew by scripts/diagrams.py)
	@$(CALM) $(BIN)/python -m pytest -q tests/house/test_documents.py tests/house/test_diagrams.py tests/house/test_readme.py

lock: ## bring the locks in step with pyproject.toml (UPGRADE=1: newest versions)
	@$(SETUP) lock

setup-dev:
	@$(SETUP) dev

setup-serve: ## create .venv with what `make up` needs: the dashboard as well
	@$(SETUP) serve

setup-browser: setup-dev ## find or install a Chromium for the tests that click
	@$(SETUP) browser

setup-nginx: ## find or install nginx and PostgreSQL for the tests of the installation for many users
	@$(SETUP) nginx

setup-local-models: ## create .venv-local-models: torch and sentence-transformers (about 2 GB)
	@$(SETUP) local-models

clean: ## remove environments and caches; articles and runs stay
	rm -rf .venv .venv-local-models .*_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
