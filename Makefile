# The two commands: `make demo` and `make test`. Each sets up everything it needs in .venv first.
PYTHON ?= python3
BIN := .venv/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-all lint format wheel kernels docs bench clean

demo: .venv/ready
	$(BIN)/caviar run examples/digits.yaml

test: .venv/torch
	$(BIN)/python -m pytest -n 3 --dist loadgroup -m 'not slow'

# With the exhaustive ones: many seeds, every moment at which something may die.
test-all: .venv/torch
	CAVIAR_TEST_EXAMPLES=100 $(BIN)/python -m pytest -n 3 --dist loadgroup

lint: .venv/torch
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: .venv/ready
	PYTHON=$(PYTHON) .ci/wheel

kernels: .venv/torch
	.ci/kernels

# Warnings are errors, so that no link and no name in the reference goes astray.
docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: .venv/bench
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.training $(if $(FASHION),--fashion $(FASHION))

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Caviar needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[dev,digits]'
	$(BIN)/python -m trainer.compiled.ready
	touch $@

# The tests and the type checks see both kinds of arrays; the demo does without torch.
.venv/torch: .venv/ready
	$(BIN)/pip install --quiet --editable '.[torch]'
	touch $@

.venv/docs: .venv/torch
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

.venv/bench: .venv/torch
	$(BIN)/pip install --quiet --editable '.[bench]'
	touch $@

clean:
	rm -rf .venv dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis
