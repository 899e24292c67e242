# Everything is made under .venv and var, which ignore themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := .ci/lock
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/cache/pycache
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/$(VENV)/cache/hypothesis

.PHONY: help run test check bench kill-test docs lock clean

help: ## list the tasks
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 10

run: $(VENV)/run ## set everything up and serve on http://127.0.0.1:$${PORT:-8000}
	@exec $(BIN)/lodestone serve

test: check ## set everything up, check and test
	$(BIN)/pytest

check: $(VENV)/dev ## lint, format, types and rule files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lodestone rules check

bench: $(VENV)/bench ## measure; one line a figure, exit 0 only if none is short
	$(BIN)/python -m benchmarks

kill-test: $(VENV)/dev ## kill workers, server and database KILLS times under load; exit 0 if nothing is lost
	$(BIN)/python -m tests.faults.kill $${KILLS:-200}

docs: $(VENV)/run ## write openapi.yaml and rules/schema from the code
	$(BIN)/lodestone openapi > openapi.yaml
	$(BIN)/lodestone rules schema

lock: ## pin the dependencies anew (needs uv)
	for set in run dev bench; do \
		extra=$$([ $$set = run ] || echo "--extra $$set"); \
		uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$extra pyproject.toml -o $(LOCK)/$$set.txt; \
	done
	printf 'setuptools\nwheel\nhatchling\neditables\n' | uv pip compile -q --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-emit-find-links - -o $(LOCK)/build.txt

clean: ## remove what was made, but not what the service keeps in var
	rm -rf $(VENV)

# Each stamp is written last, so that an interrupted set-up starts again.
$(VENV)/base: $(LOCK)/build.txt
	$(PYTHON) -m venv $(VENV)
	echo '*' > $(VENV)/.gitignore
	$(BIN)/python -m pip install -q --require-hashes -r $(LOCK)/build.txt
	touch $@

# durable-rules calls PyEval_CallObject, which Python 3.13 no longer has; PyObject_CallObject is the
# same. No cache, lest a build without the definition be taken from it.
$(VENV)/run: $(VENV)/base $(LOCK)/run.txt pyproject.toml
	CPPFLAGS="$(CPPFLAGS) -DPyEval_CallObject=PyObject_CallObject" $(BIN)/python -m pip install -q \
		--no-cache-dir --no-build-isolation --require-hashes -r $(LOCK)/run.txt
	$(BIN)/python -m pip install -q --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/dev: $(VENV)/run $(LOCK)/dev.txt
	$(BIN)/python -m pip install -q --no-build-isolation --require-hashes -r $(LOCK)/dev.txt
	touch $@

$(VENV)/bench: $(VENV)/dev $(LOCK)/bench.txt
	$(BIN)/python -m pip install -q --no-build-isolation --require-hashes -r $(LOCK)/bench.txt
	touch $@
