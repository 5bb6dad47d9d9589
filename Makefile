# Everything a person types. `make` alone prints the list.
# The environment is .venv, made by scripts/setup.py from the pins in requirements/; a second call is instant. The demo
# and the zip need little of it, and no torch; whatever trains, measures or tests needs all of it.

PYTHON ?= python3
VENV := .venv/bin/python
LINT := .venv-lint/bin
SOURCES := jumps_blender trainer benchmarks scripts demo examples tests
NUMPYS := .venv-numpy-oldest .venv-numpy-newest
NUMPY_TESTS ?= tests/core tests/formats tests/worker tests/batch tests/test_command_line.py
FAULTS := tests/test_full_disk.py tests/blender/test_full_disk.py tests/blender/test_kills.py \
  tests/blender/test_undo_sequences.py tests/blender/test_files_that_vanish.py

.DEFAULT_GOAL := help
.PHONY: help demo environment test test-numpy test-all test-window test-faults lint format zip clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/ready-for-demo: requirements/demo.txt requirements/constraints.txt
	@$(PYTHON) -m scripts.setup .venv requirements/demo.txt --libraries
	@touch $@

.venv/ready-for-all: .venv/ready-for-demo requirements/torch.txt requirements/trainer.txt requirements/tests.txt
	@$(PYTHON) -m scripts.setup .venv requirements/torch.txt requirements/trainer.txt requirements/tests.txt
	@touch $@

.venv-numpy-%/installed: requirements/numpy-%.txt requirements/tests.txt requirements/constraints.txt
	@$(PYTHON) -m scripts.setup $(@D) $<
	@touch $@

.venv-lint/installed: requirements/lint.txt
	@$(PYTHON) -m scripts.setup .venv-lint requirements/lint.txt
	@touch $@

demo: .venv/ready-for-demo  ## run the main job on a real clip: out/demo.blend, out/demo.png, out/demo.mp4
	@$(VENV) -m demo

environment: .venv/ready-for-all  ## set up .venv for the trainer and the benchmarks, and run nothing

# Two processes of one thread each: threads of several matrix libraries on the same cores slow each other tenfold.
test: .venv/ready-for-all  ## run the tests on the real bpy wheel
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(VENV) -m pytest --numprocesses 2 --dist loadfile $(TESTS)

test-numpy: $(NUMPYS:%=%/installed)  ## run the tests that need numpy alone, on the oldest and the newest numpy
	@for folder in $(NUMPYS); do $$folder/bin/python -m pytest --numpy-alone $(NUMPY_TESTS) || exit; done

test-all: .venv/ready-for-demo  ## run the built zip in every Blender, 4.2 to 5.2, or in those of BLENDERS="4.2 5.0"
	@$(VENV) -m tests.versions $(BLENDERS)

test-window: .venv/ready-for-demo  ## drive the built zip by mouse in a real Blender: BLENDER=program, pictures in out/window
	@rm -f out/window/*.zip
	@$(VENV) -m scripts.build_extension out/window
	@$(INSIDE) $(PYTHON) -m tests.window out/window/*.zip --blender "$(BLENDER)" $(WINDOW)

test-faults: .venv/ready-for-all  ## 500 random steps of undo and redo, 50 kills of the solver, full disks: minutes
	@$(VENV) -m pytest --thorough $(FAULTS)

lint: .venv-lint/installed  ## ruff, mypy and import-linter
	@$(LINT)/ruff check .
	@$(LINT)/ruff format --check .
	@$(LINT)/mypy $(wildcard $(SOURCES))
	@PYTHONPATH=. $(LINT)/lint-imports

format: .venv-lint/installed  ## let ruff lay out the code
	@$(LINT)/ruff check --fix-only .
	@$(LINT)/ruff format .

zip: .venv/ready-for-demo  ## build the extension into out/
	@$(VENV) -m scripts.build_extension out

clean:  ## remove what was built; environments, prepared data and training runs stay
	rm -rf out/demo.* out/*.zip out/cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find jumps_blender trainer scripts demo tests -name __pycache__ -prune -exec rm -rf {} +
