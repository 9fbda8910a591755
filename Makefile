# make demo | make test | make slow | make bench | make docs | make coverage
# Each creates .venv from constraints.txt when it is missing.
PYTHON ?= python3.11
OUT ?= out
DATA ?=
PIXEL_SIZE_NM ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test slow bench docs coverage

demo: $(READY)
	$(BIN)/python examples/demo.py --out "$(OUT)/demo" $(if $(DATA),--data "$(DATA)") \
		$(if $(PIXEL_SIZE_NM),--pixel-size-nm $(PIXEL_SIZE_NM))

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

slow: $(READY)
	$(BIN)/python -m pytest -m slow

bench: $(READY)
	$(BIN)/python benchmarks/bench_accuracy.py --out $(OUT)/bench

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --site-dir "$(OUT)/docs"

coverage: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov=nanozoo --cov-report=term:skip-covered \
		--cov-report=html:$(OUT)/coverage

$(READY): setup.cfg constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $(READY)
