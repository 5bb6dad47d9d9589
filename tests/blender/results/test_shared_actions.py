"""Results that share an Action, as linked duplicates do: what is done to one leaves the other alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.scene.fcurves import fcurves_of
from jumps_blender.core.body.skeleton import INDEX
from tests.blender.people_at_hand import import_tracks
from tests.blender.results_at_hand import move, opened, points, select
from tests.blender.snapshot import snapshot

HAND = "right_hand"


def twin_of(ob: Any) -> Any:
    """A linked duplicate, as Alt+D makes it: of the same Action and slot."""
    twin = ob.copy()
    bpy.context.scene.collection.objects.link(twin)
    assert twin.animation_data.action == ob.animation_data.action
    return twin


def unpin(ob: Any) -> None:
    select(ob, [HAND])
    bpy.ops.jumps.unpin(frames="ALL")


DEEDS: dict[str, Callable[[Any], object]] = {
    "resolve": lambda _ob: bpy.ops.jumps.resolve(),
    "unpin": unpin,
    "lock_feet": lambda _ob: bpy.ops.jumps.lock_feet(),
    "simplify": lambda _ob: bpy.ops.jumps.simplify(),
    "key_uncertainty": lambda _ob: bpy.ops.jumps.key_uncertainty(),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_the_twin_stays_as_it_is(result: Any, deed: str) -> None:
    if deed in {"resolve", "unpin"}:
        move(result, HAND, 80, (0.2, 0.1))
    if deed == "unpin":
        bpy.ops.jumps.resolve()
    twin = twin_of(result)
    keys, shared = snapshot()["actions"], result.animation_data.action.name
    DEEDS[deed](result)
    assert twin.animation_data.action.name == shared
    assert snapshot()["actions"][shared] == keys[shared]
    assert result.animation_data.action.name != shared
    assert result.animation_data.action.use_fake_user
    assert len(bpy.data.actions) == len(keys) + 1


def test_each_twin_is_edited_by_itself(result: Any, tmp_path: Path) -> None:
    name, twin = result.name, twin_of(result).name
    there = move(result, HAND, 80, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "twins.blend"))
    again = opened(tmp_path / "twins.blend", twin)
    other = move(again, HAND, 120, (0.1, 0.2))
    actions = len(bpy.data.actions)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert len(bpy.data.actions) == actions
    first = bpy.data.objects[name]
    begin = int(first.animation_data.action.frame_range[0])
    np.testing.assert_allclose(points(first)[80 - begin, INDEX[HAND]], there, atol=1e-4)
    np.testing.assert_allclose(points(again)[120 - begin, INDEX[HAND]], other, atol=1e-4)


def test_it_is_told_and_undone(result: Any, capfd: pytest.CaptureFixture[str]) -> None:
    twin, name = twin_of(result).name, result.name
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    bpy.ops.jumps.simplify()
    assert f"shared its Action with {twin!r}" in capfd.readouterr().out
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert snapshot() == before
    assert bpy.data.objects[name].animation_data.action == bpy.data.objects[twin].animation_data.action


def test_nothing_is_copied_where_nothing_is_done(result: Any) -> None:
    twin_of(result)
    before = snapshot()
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}
    with pytest.raises(RuntimeError, match="was found to stand"):
        bpy.ops.jumps.lock_feet(speed=0.1)
    assert snapshot() == before


def test_another_slot_of_the_action_is_no_reason_to_copy_it(result: Any) -> None:
    action: Any = result.animation_data.action
    if not hasattr(action, "slots"):
        pytest.skip("this Blender has no slots")
    other = bpy.data.objects.new("box", None)
    bpy.context.scene.collection.objects.link(other)
    other.animation_data_create().action = action
    slot = other.animation_data.action_slot = action.slots.new(id_type="OBJECT", name="box")
    other.location[0] = 1.0
    assert other.keyframe_insert("location", frame=3000)
    assert [fcurve.data_path for fcurve in fcurves_of(action, slot)] == ["location"] * 3
    move(result, HAND, 80, (0.2, 0.1))
    for deed in (bpy.ops.jumps.resolve, bpy.ops.jumps.lock_feet, bpy.ops.jumps.simplify):
        assert deed() == {"FINISHED"}
    assert result.animation_data.action == other.animation_data.action == action
    keys = [tuple(point.co) for fcurve in fcurves_of(action, slot) for point in fcurve.keyframe_points]
    assert keys == [(3000, 1), (3000, 0), (3000, 0)]
    before = points(result)
    assert bpy.ops.jumps.push_down() == {"FINISHED"}
    np.testing.assert_allclose(points(result), before, atol=1e-5)


def test_a_strip_of_the_twin_counts_too(result: Any) -> None:
    twin = twin_of(result)
    bpy.context.view_layer.objects.active = twin
    assert bpy.ops.jumps.push_down() == {"FINISHED"}
    bpy.context.view_layer.objects.active = result
    before = points(twin)
    assert bpy.ops.jumps.simplify(pixels=5) == {"FINISHED"}
    np.testing.assert_array_equal(points(twin), before)


def test_swapped_sides_of_keypoints_stay_with_them(sample: Path) -> None:
    ob = import_tracks(sample)
    twin = twin_of(ob)
    keys = snapshot()["actions"][twin.animation_data.action.name]
    bpy.context.view_layer.objects.active = ob
    assert bpy.ops.jumps.swap_sides(joints="ARMS", frames="ALL") == {"FINISHED"}
    assert snapshot()["actions"][twin.animation_data.action.name] == keys
    assert ob.animation_data.action != twin.animation_data.action


def test_an_action_of_the_same_name_in_another_file_is_another(result: Any, tmp_path: Path) -> None:
    name, action = result.name, result.animation_data.action
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"), copy=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, wanted):
        wanted.objects = [name]
    (twin,) = wanted.objects
    assert twin.animation_data.action.name == action.name
    move(result, HAND, 80, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert result.animation_data.action == action
