# Needs Python 3.11 or newer and nothing else: `make reproduce` and `make test` do their own set-up.
# Choose another Python with `make test PYTHON=python3.12`, another folder with `VENV=elsewhere`.

PYTHON ?= python3
VENV ?= .venv
OUT ?= out
WORKERS ?= 2
MINUTES ?= 15

BIN := $(VENV)/bin
# Bytecode is made of what is imported, not of all 17,000 modules that are installed: half a minute less.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile \
       --only-binary=:all: --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest

# Compiled kernels live and go with the environment that compiled them.
export SDEOPT_CACHE_DIR ?= $(abspath $(VENV))/kernels
# Kernels are as fast as with numba's default of 3, and compile in three quarters of the time.
export NUMBA_OPT ?= 2
# Packages from outside the environment must not shadow those in it.
unexport PYTHONPATH PYTHONHOME
# Some hundred processes import the same sources, which are compiled once for all of them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help reproduce reproduce-all keep keep-trainings table docs device test test-slow style types tests experiments clean

help:
	@echo 'make reproduce   run the experiments that need no torch at quick scale and write $(OUT)/report.html'
	@echo 'make reproduce-all   with torch: the experiments on networks too'
	@echo 'make keep        copy results of larger scales from $(OUT) to docs/results'
	@echo 'make keep-trainings   copy finished trainings of unfinished experiments there too'
	@echo 'make device      what fits MINUTES=15 on a GPU of fig9 and table1 at paper scale'
	@echo 'make experiments every experiment at quick scale, for the tests, the table and the documentation'
	@echo 'make table       write the table of results in the README anew, of kept results and these'
	@echo 'make docs        build the documentation, docs/_build/html/index.html'
	@echo 'make test        the whole gate: style, types, quick experiments, tests, notebooks, documentation'
	@echo 'make test-slow   the tests that take minutes'
	@echo 'make clean       remove the environment, its compiled kernels and the tools'"'"' caches'

reproduce: $(VENV)/.installed
	$(BIN)/sdeopt run all --scale quick --out $(OUT) --workers $(WORKERS)
	$(BIN)/sdeopt report --out $(OUT)

# Where torch is installed, "all" has the experiments on networks too.
reproduce-all: $(VENV)/.installed-nets
	$(MAKE) --no-print-directory reproduce

# What took hours is kept with the source code.
keep: $(VENV)/.installed-nets
	$(BIN)/python -m sdeopt.experiments.keeping $(OUT) docs/results

# Finished trainings of experiments that are not finished: another machine goes on from them.
keep-trainings: $(VENV)/.installed-nets
	$(BIN)/python -m nets.figures.packing $(OUT) docs/results

# The README's table: of kept results, and for all other experiments of the last gate's.
table: $(VENV)/.installed-nets
	$(BIN)/python -m sdeopt.experiments.overview README.md docs/results $(VENV)/gate

# Nothing is fetched. Steps of proofs and results of experiments are those of the gate, where it has run:
# without them the first build derives everything (a minute) and the gallery has no pictures.
docs: $(VENV)/.installed-docs
	SDEOPT_QUICK_RESULTS=$${SDEOPT_QUICK_RESULTS:-$(abspath $(VENV))/gate} \
	SDEOPT_DERIVATIONS=$(abspath $(VENV))/derivations \
	$(BIN)/python -m sphinx -W --keep-going -q -d docs/_build/doctrees docs docs/_build/html
	@echo 'The site is docs/_build/html/index.html'

# A GPU that is lent for a while is used to the last minute; called again, it goes on.
device: $(VENV)/.installed-nets
	$(BIN)/python -m nets.figures.device --minutes $(MINUTES) --out $(OUT)

# The experiments come first, so that the tests of claims need not simulate the same again.
test: style types experiments
	$(BIN)/sdeopt report --out $(VENV)/gate
	SDEOPT_QUICK_RESULTS=$(abspath $(VENV))/gate \
	SDEOPT_DERIVATIONS=$(abspath $(VENV))/derivations $(MAKE) --no-print-directory tests
	$(MAKE) --no-print-directory docs

# The gate's results go beside the environment: those in $(OUT) may have taken hours. Two at a time,
# because compiling keeps one core busy only.
experiments: $(VENV)/.installed-test
	OMP_NUM_THREADS=1 $(BIN)/sdeopt run all --out $(VENV)/gate --workers $(WORKERS) --replace

style: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.installed-test
	$(BIN)/mypy

# Each worker is one thread of torch: several on a shared core wait for each other most of the time.
tests: $(VENV)/.installed-test
	OMP_NUM_THREADS=1 $(PYTEST) --numprocesses $(WORKERS) --dist loadfile

test-slow: $(VENV)/.installed-test
	$(PYTEST) -m slow

clean:
	rm -rf $(VENV) docs/_build docs/generated .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A stamp says that an environment is up to date with the files that describe it. The install is
# editable: after a change of the code there is nothing to install again.
$(VENV)/.installed: $(VENV)/.created setup.cfg pyproject.toml
	@echo 'Installing sdeopt and what it needs into $(VENV) ...'
	@$(PIP) --no-build-isolation --editable '.[sims]'
	@touch $@

$(VENV)/.installed-nets: $(VENV)/.created setup.cfg pyproject.toml
	@echo 'Installing sdeopt with torch into $(VENV) ...'
	@$(PIP) --no-build-isolation --editable '.[sims,nets]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-docs: $(VENV)/.created setup.cfg pyproject.toml
	@echo 'Installing sdeopt with what its documentation needs into $(VENV) ...'
	@$(PIP) --no-build-isolation --editable '.[docs]'
	@touch $(VENV)/.installed $(VENV)/.installed-nets $@

$(VENV)/.installed-test: $(VENV)/.created setup.cfg pyproject.toml
	@echo 'Installing sdeopt and the tools of its tests into $(VENV) ...'
	@$(PIP) --no-build-isolation --editable '.[test]'
	@touch $(VENV)/.installed $(VENV)/.installed-nets $(VENV)/.installed-docs $@

# Debian ships a Python that cannot put pip into a new environment; its own pip then does.
$(VENV)/.created: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "sdeopt needs Python 3.11 or newer, and '$(PYTHON)' is not that;" \
	       "name one that is: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null || { $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	@$(PIP) pip setuptools
	@touch $@
