# One word for each chore, the same words in CI. `make` alone lists them.
#
# Everything lives in a virtual environment, made where there is none: VENV names its folder, PYTHON the
# interpreter that makes it. A second call finds the stamps of the first and starts at once. pip is the user's own: its
# configuration (index, proxy, certificates) is respected and nothing here names a registry.

VENV ?= .venv
PYTHON ?=
# make's own default names g++ even where only clang++ is installed.
ifeq ($(origin CXX),default)
CXX := $(firstword $(foreach name,c++ g++ clang++,$(if $(shell command -v $(name)),$(name))))
endif
WORKERS ?= 2
ARGS ?=

# Files named in a message must be found from any shell, so the folder of the environment is made absolute.
override VENV := $(abspath $(VENV))
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check
KERNEL := CMakeLists.txt $(wildcard kernel/*.cpp kernel/*.hpp kernel/*.h)
# Tests run beside each other: more threads than cores would only wait for one another.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test check format sanitize docs course bench wheels source changelog clean
.DELETE_ON_ERROR:

help: ## list the chores
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

install: $(STAMPS)/package ## the package alone, editable, into $(VENV)

demo: $(STAMPS)/package ## fit a model on examples/breast_cancer.csv and write its report
	@mkdir -p out
	$(BIN)/rightfit fit examples/breast_cancer.csv --target diagnosis -o out/demo.rightfit --report out/demo-report.html
	@echo "The report is $(CURDIR)/out/demo-report.html: open it in a browser."

test: $(STAMPS)/test ## all tests; ARGS="-k lasso" for some
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# All of them run, whatever the first one says: one round then shows everything that is to be mended.
check: $(STAMPS)/check ## style, format, types, import rules, spelling
	@failed=; \
	for chore in "ruff check ." "ruff format --check ." "mypy" "lint-imports --no-cache" "codespell"; do \
	  echo "$$chore"; \
	  $(BIN)/$$chore || failed="$$failed [$$chore]"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

format: $(STAMPS)/check ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMPS)/docs ## pages into docs/_build/html; warnings are errors
	$(BIN)/sphinx-build --fresh-env --quiet --fail-on-warning --keep-going -b html docs docs/_build/html
	@echo "The pages are in docs/_build/html/index.html."

course: $(STAMPS)/test ## every number of the course anew, into src/rightfit/learn/lessons
	$(ONE_THREAD) $(BIN)/python -m rightfit.learn.compute

bench: $(STAMPS)/package $(STAMPS)/peers ## rightfit beside other libraries, at equal certified accuracy; ARGS="--full" for hours
	env -u OPENBLAS_CORETYPE $(ONE_THREAD) $(BIN)/python -m benchmarks.run $(ARGS)

wheels: $(STAMPS)/release ## wheels for all supported Pythons into dist/ (cibuildwheel; needs docker)
	$(BIN)/cibuildwheel --output-dir dist

source: $(STAMPS)/release ## the source distribution into dist/
	$(BIN)/python -m build --sdist --outdir dist

changelog: $(STAMPS)/release ## fold changelog.d/ into CHANGELOG.md; needs VERSION=
	@test -n "$(VERSION)" || { echo "make changelog needs the version, as in: make changelog VERSION=0.2.0" >&2; exit 1; }
	$(BIN)/towncrier build --yes --version $(VERSION)

clean: ## remove what was built, not the environment
	rm -rf build dist out docs/_build benchmarks/out .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------------------

# The first interpreter that is new enough, can make environments and can build extensions.
$(STAMPS)/environment:
	@found=; \
	for candidate in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python); do \
	  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    found=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "rightfit needs Python 3.11 or newer with its venv module, and found none: install one (Debian, Ubuntu: apt-get install python3 python3-venv python3-dev) or name it, as in: make test PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if ! "$$found" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'; then \
	  echo "rightfit compiles an extension and needs the header Python.h of $$found: install it (Debian, Ubuntu: apt-get install python3-dev)." >&2; \
	  exit 1; \
	fi; \
	if ! "$(BIN)/python" -c 'import pip' >/dev/null 2>&1; then \
	  echo "making $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv "$(VENV)" || exit 1; \
	fi
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	@mkdir -p $(STAMPS) && touch $@

# The compiled kernel belongs to the package: it is built again when its source or its build files change.
$(STAMPS)/package: $(STAMPS)/environment pyproject.toml $(KERNEL)
	@folder=$$(mktemp -d); echo 'int main() { auto same = [](auto a, decltype(a) b) { return (a <=> b) == 0; }; return !same(1, 1); }' > "$$folder/try.cpp"; \
	$(CXX) -std=c++20 -include compare -o "$$folder/try" "$$folder/try.cpp" >/dev/null 2>&1; works=$$?; rm -rf "$$folder"; \
	if [ $$works -ne 0 ]; then \
	  echo "rightfit needs a C++20 compiler and $(if $(CXX),'$(CXX)' is none,found none): install one (Debian, Ubuntu: apt-get install g++) or name it, as in: make test CXX=clang++" >&2; \
	  exit 1; \
	fi
	CXX=$(CXX) $(PIP) install --quiet --editable . $(if $(STRICT),--config-settings=cmake.define.RIGHTFIT_WERROR=ON) $(CONSTRAINTS:%=--constraint %)
	@touch $@

$(STAMPS)/test: $(STAMPS)/package
	$(PIP) install --quiet --group test $(CONSTRAINTS:%=--constraint %)
	@touch $@

$(STAMPS)/check: $(STAMPS)/test
	$(PIP) install --quiet --group check
	@touch $@

$(STAMPS)/docs: $(STAMPS)/package
	$(PIP) install --quiet --group docs
	@touch $@

# Peers have an environment of their own, so that what they want never decides what rightfit runs with.
$(STAMPS)/peers: $(STAMPS)/package benchmarks/requirements-peers.txt
	$(BIN)/python -m benchmarks.environment
	@touch $@

$(STAMPS)/release: $(STAMPS)/environment
	$(PIP) install --quiet --group release
	@touch $@

# --- the kernel under AddressSanitizer and UndefinedBehaviorSanitizer --------------------------------------------

# A second, small environment sees the libraries of the first through a path file, but has a rightfit of its own.
# Python itself leaks by design, so leaks are not looked for.
SANITIZE := $(CURDIR)/build/sanitize

sanitize: $(STAMPS)/test ## tests of the solvers with an instrumented kernel
	test -x $(SANITIZE)/venv/bin/python || $(BIN)/python -m venv --without-pip $(SANITIZE)/venv
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
	  "$$($(SANITIZE)/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/libraries.pth"
	CXX=$(CXX) $(PIP) --python $(SANITIZE)/venv/bin/python install --quiet --no-deps --force-reinstall . \
	  --config-settings=cmake.define.RIGHTFIT_SANITIZE=ON --config-settings=build-dir=build/sanitize/cmake
	$(ONE_THREAD) RIGHTFIT_TEST_PATIENCE=10 LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	  $(SANITIZE)/venv/bin/python -m pytest -p no:cacheprovider -n $(WORKERS) tests/rooms/solvers $(ARGS)
