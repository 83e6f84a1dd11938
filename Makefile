# The two commands of the README are `make reports` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
CODES := 09194 13028 92062
ON = $(shell sed -n 's/^date = //p' pupitre.toml)

.PHONY: store reports test lint lab bench bench-batch stress clean

reports: store
	$(BIN)/pupitre report $(CODES) --on $(ON)

test: .venv/dev node_modules store
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: store
	$(BIN)/jupyter lab --notebook-dir notebooks

bench: .venv/dev store
	for file in $(filter-out bench/batch.py,$(wildcard bench/*.py)); do $(BIN)/python $$file || exit 1; done

bench-batch: .venv/dev store
	$(BIN)/python bench/batch.py

stress: .venv/dev node_modules store
	HYPOTHESIS_PROFILE=stress $(BIN)/python -m pytest

store: .venv/runtime
	$(BIN)/pupitre build

.venv/runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

# Without npm, `make test` names the tests that it skips; CI wants them all.
node_modules: package.json package-lock.json .npmrc
	if [ "$(CI)" = true ] || command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund && touch $@; fi

clean:
	rm -rf .venv node_modules data/processed reports
