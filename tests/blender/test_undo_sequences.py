"""Whatever is done in whatever order: undo, redo, saving and loading bring back every value of every data-block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import bpy
import pytest

from jumps_blender.ui.registration import CLASSES
from tests.blender.deeds import LEFT_OUT, OPTIONS, Deed, History, Scene, around, begin, operators
from tests.blender.whole_file import differences, whole_file

STEPS = 50
"""Of one sequence: Blender keeps more steps of undo than that once it is told to."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One seed and few steps as a rule, 500 steps in all when there is time (`--thorough`)."""
    if "seed" in metafunc.fixturenames:
        thorough = metafunc.config.getoption("--thorough")
        metafunc.parametrize(("seed", "steps"), [(i, STEPS) for i in range(10)] if thorough else [(0, 25)])


@pytest.fixture
def scene(walk_file: Path, tmp_path: Path, stand_in: Callable[[str], Path]) -> Scene:
    """A file whose undo goes back far enough."""
    stand_in("pass")
    bpy.context.preferences.edit.undo_steps = 4 * STEPS
    bpy.ops.ed.undo_push(message="new file")
    return Scene(walk_file, tmp_path)


def test_undo_and_redo_restore_the_file(scene: Scene, seed: int, steps: int) -> None:
    random, history = Random(seed), History()
    deeds = [*operators(), *around()]
    begin(scene, random)
    history.add(whole_file())
    for _ in range(steps):
        history.done.append(_step(scene, random, history, deeds))
        found = differences(history.states[history.shown], whole_file())
        assert not found, f"{len(found)} values after {', '.join(history.done[-8:])}: {found[:12]}"
    _save_and_reload(scene)


def _save_and_reload(scene: Scene) -> None:
    """Whatever state a file is in, it comes back from the disk as it was."""
    where = str(scene.folder / "any.blend")
    bpy.data.orphans_purge()  # Blender saves nothing that nobody uses
    bpy.ops.wm.save_as_mainfile(filepath=where)
    saved = whole_file()
    bpy.ops.wm.open_mainfile(filepath=where)
    found = differences(saved, whole_file())
    assert not found, f"{len(found)} values after loading: {found[:12]}"


def _step(scene: Scene, random: Random, history: History, deeds: list[Deed]) -> str:
    """Undo, redo, or do something; its name."""
    wish = random.random()
    if wish < 0.25 and history.shown > 0:
        bpy.ops.ed.undo()
        history.shown -= 1
        return "undo"
    if wish < 0.4 and history.shown < len(history.states) - 1:
        bpy.ops.ed.redo()
        history.shown += 1
        return "redo"
    ready = [deed for deed in deeds if deed.ready()]
    often = [sum(name.startswith(deed.name) for name in history.done) for deed in ready]
    weights = [deed.weight / (1 + times) for deed, times in zip(ready, often, strict=True)]
    (deed,) = random.choices(ready, weights)
    if not deed.do(scene, random):
        return f"{deed.name} (no step)"
    history.add(whole_file())
    return deed.name


def test_every_operator_is_pressed_or_left_out_for_a_reason() -> None:
    names = {cls.bl_idname.partition(".")[2] for cls in CLASSES if issubclass(cls, bpy.types.Operator)}
    assert set(OPTIONS) | set(LEFT_OUT) <= names, "it is gone"
    assert {deed.name for deed in operators()} == {f"jumps.{name}" for name in names - set(LEFT_OUT)}
