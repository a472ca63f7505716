# Everything here works on a machine with only Python >= 3.11, make and git.
PYTHON ?= python3
BIN    := .venv/bin
INSTALLED := .venv/installed
# Spark stays outside .venv, so that nothing else ever runs beside it.
SPARK := build/spark

# Modules compiled once, not at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: faults bench-sync bench-kill bench-bulk install lock demo ui test test-slow test-spark test-clients check bench bench-forecast bench-scoring bench-fit features bench-sellers clean

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --extra dev --no-header --no-emit-index-url \
		--output-file requirements.lock pyproject.toml
	printf '%s\n' "pyspark>=4.1,<5" "pandas>=2.2,<3" | $(BIN)/uv pip compile --quiet --universal --generate-hashes \
		--no-header --no-emit-index-url --constraint requirements.lock --no-emit-package numpy \
		--output-file requirements-spark.lock -

demo: install
	$(BIN)/python -m assets.demo

ui: install
	$(BIN)/python -m assets.demo ui

test: install
	$(BIN)/python -m pytest -n 2

test-slow: install
	$(BIN)/python -m pytest -m slow -n 2

faults: install
	$(BIN)/python -m tests.faults

test-spark: install
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(SPARK) --require-hashes --no-deps -r requirements-spark.lock
	PYTHONPATH=$(SPARK) PYSPARK_PYTHON=$(CURDIR)/$(BIN)/python $(BIN)/python -m pytest -m spark -rs

test-clients: install
	$(BIN)/python -m pytest -m node -rs

bench: install
	$(BIN)/python -m benchmarks.whole_way $(ARGS)

bench-forecast: install
	$(BIN)/python -m benchmarks.forecast
	$(BIN)/python -m benchmarks.short_history

bench-sync: install
	$(BIN)/python -m benchmarks.sync $(ARGS)

bench-kill: install
	$(BIN)/python -m benchmarks.kill $(ARGS)

bench-bulk: install
	$(BIN)/python -m benchmarks.bulk $(ARGS)

bench-scoring: install
	$(BIN)/python -m benchmarks.scoring

bench-fit: install
	$(BIN)/python -m benchmarks.fitting

bench-sellers: install
	$(BIN)/python -m benchmarks.promises
	$(BIN)/python -m benchmarks.symptoms
	$(BIN)/python -m benchmarks.actions
	$(BIN)/python -m benchmarks.topics

features: install
	$(BIN)/python -m benchmarks.features

transcript: install
	$(BIN)/python -m assets.demo.transcript

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

clean:
	rm -rf .venv build data demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
