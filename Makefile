# Everything a person or a machine does here starts with `make`. `make help` lists it.
# Needs Python 3.11 or newer with pip, and make; everything else goes into .venv.

SHELL := /bin/sh
BIN := .venv/bin
REGIMEN ?= esketamine 56 mg intranasal twice weekly for 4 weeks then 84 mg weekly for 4 weeks
WORKERS ?= auto
CODE := src tests tools benchmarks calibration docs examples conftest.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report test check format docs bench soak lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-12s %s\n", $$1, $$2 }'

# One stamp for each set of pinned packages; it is as old as the last set-up with that set.
.venv/.ready-%: requirements/%.txt pyproject.toml tools/setup
	@tools/setup $*

report: .venv/.ready-core ## write report.html; REGIMEN="..." asks about another course
	$(BIN)/ketascope report "$(REGIMEN)" -o report.html

test: .venv/.ready-test ## run the tests; ARGS="tests/models -k name" picks some, WORKERS=1 one by one
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile $(ARGS)

check: .venv/.ready-test ## format, lint, types and the order of the layers
	@status=0; \
	for tool in "ruff format --check $(wildcard $(CODE))" "ruff check $(wildcard $(CODE))" \
		mypy "lint-imports --no-logo"; do \
		echo "$$tool" | cut -d' ' -f1,2; $(BIN)/$$tool || status=1; \
	done; exit $$status

format: .venv/.ready-test ## rewrite the code as `make check` wants it
	$(BIN)/ruff format $(wildcard $(CODE))
	$(BIN)/ruff check --fix $(wildcard $(CODE))

docs: .venv/.ready-docs ## build the site into docs/_build/html; a warning is an error
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: .venv/.ready-bench ## speed and scale, beside a peer; ARGS="--help" shows the choices
	$(BIN)/python -m benchmarks $(ARGS)

soak: .venv/.ready-test ## the long tests (not part of `make test`); the result goes to docs/soak.md
	$(BIN)/python tools/soak.py $(ARGS)

lock: ## pin the newest versions of everything in requirements/
	tools/lock

clean: ## remove .venv and everything that was built
	rm -rf .venv .venv-lock build dist docs/_build docs/models docs/named-regimens.md docs/sources.md \
		docs/validation.md docs/images/validation.svg docs/claims.md \
		.coverage coverage.xml report.html
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis src/*.egg-info
	find src tests tools docs benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
