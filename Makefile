# make run: sets up, builds, runs the tour.   make test: sets up, builds, passes the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TESTS ?= tests
# One more than there are processors: many tests wait for a program.
JOBS ?= $(shell expr $$(nproc) + 1)
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --maxprocesses=8 $(TESTS)

.PHONY: run test test-pure test-guards test-wheel mutants lint format types layers bench build dev clean

run: build
	$(BIN)/gofer run examples/tour.py

test: build
	$(PYTEST)

# The same suite without a compiled core, from a copy of the sources without extension modules.
test-pure: $(VENV)/ready
	rm -rf build/pure
	mkdir -p build/pure
	cp -r src build/pure/src
	find build/pure -name '*.so' -delete
	PYTHONPATH=$(CURDIR)/build/pure/src $(PYTEST)

# The suite with a wheel, as cibuildwheel runs it.
test-wheel: $(VENV)/ready
	$(BIN)/python .ci/wheel

# Whether the tests notice faults in the core: see tests/mutants.
mutants: $(VENV)/ready
	$(BIN)/python -m tests.mutants $(MUTANTS)

# A core that checks its own rule for guards, in a copy of the sources.
test-guards: $(VENV)/ready
	mkdir -p build/guards
	tar -c --exclude='*.so' src setup.py pyproject.toml README.md LICENSE | tar -x -C build/guards
	cd build/guards && GOFER_CHECK=1 $(CURDIR)/$(BIN)/python setup.py -q build_ext --inplace
	PYTHONPATH=$(CURDIR)/build/guards/src $(PYTEST)

build: $(VENV)/ready
	$(BIN)/python setup.py -q build_ext --inplace

# An editable install that compiles nothing: `build` compiles in place, so that a change is built once.
$(VENV)/ready: pyproject.toml requirements/test.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "gofer needs Python 3.11 or newer, $(PYTHON) is older: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "no venv with $(PYTHON): on Debian, apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements/test.txt
	GOFER_PURE=1 $(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

dev: build
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements/dev.txt

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: dev
	$(BIN)/mypy src
	$(BIN)/pyright

layers: dev
	$(BIN)/lint-imports

bench: build
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements/bench.txt
	$(BIN)/python -m bench $(BENCH)

clean:
	rm -rf build .venv* src/gofer.egg-info
	find src -name '*.so' -delete
