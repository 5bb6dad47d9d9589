# Everything a person types. `make` alone prints the list.
# The environment is .venv, made by scripts/setup.py from the pins in requirements/; a second call is instant.

PYTHON ?= python3
VENV := .venv/bin/python
LINT := .venv-lint/bin
SOURCES := jumps_blender trainer scripts demo examples tests

.DEFAULT_GOAL := help
.PHONY: help demo test lint format zip clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/installed: requirements/environment.txt requirements/torch.txt requirements/constraints.txt
	@$(PYTHON) -m scripts.setup .venv requirements/torch.txt requirements/environment.txt --libraries
	@touch $@

.venv-lint/installed: requirements/lint.txt
	@$(PYTHON) -m scripts.setup .venv-lint requirements/lint.txt
	@touch $@

demo: .venv/installed  ## run the main job on a real clip: out/demo.blend, out/demo.png, out/demo.mp4
	@$(VENV) -m demo

test: .venv/installed  ## run the tests on the real bpy wheel
	@$(VENV) -m pytest $(TESTS)

lint: .venv-lint/installed  ## ruff, mypy and import-linter
	@$(LINT)/ruff check .
	@$(LINT)/ruff format --check .
	@$(LINT)/mypy $(wildcard $(SOURCES))
	@PYTHONPATH=. $(LINT)/lint-imports

format: .venv-lint/installed  ## let ruff lay out the code
	@$(LINT)/ruff check --fix-only .
	@$(LINT)/ruff format .

zip: .venv/installed  ## build the extension into out/
	@$(VENV) -m scripts.build_extension out

clean:  ## remove what was built; environments, prepared data and training runs stay
	rm -rf out/demo.* out/*.zip out/cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find jumps_blender trainer scripts demo tests -name __pycache__ -prune -exec rm -rf {} +
