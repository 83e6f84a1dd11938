# The two commands of the README are `make reports` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
CODES := 09194 13028 92062
ON = $(shell sed -n 's/^date = //p' pupitre.toml)

.PHONY: reports test lint lab bench stress clean

reports: data/processed/pupitre.sqlite
	$(BIN)/pupitre report $(CODES) --on $(ON)

test: .venv/dev data/processed/pupitre.sqlite
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: data/processed/pupitre.sqlite
	$(BIN)/jupyter lab --notebook-dir notebooks

bench: .venv/dev data/processed/pupitre.sqlite
	$(BIN)/python bench/dossier.py

stress: .venv/dev data/processed/pupitre.sqlite
	HYPOTHESIS_PROFILE=stress $(BIN)/python -m pytest

data/processed/pupitre.sqlite: .venv/runtime $(shell find data/raw lib/pupitre/data -type f ! -name '*.pyc')
	$(BIN)/pupitre build

.venv/runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf .venv data/processed reports
