"""Fewer keys for a result: within the tolerance, exact at pins, and still to be solved again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results.joint_keys import TOLERANCE, tolerance_of
from jumps_blender.blender.scene.actions import location_curves
from jumps_blender.blender.scene.fcurves import bag_of
from jumps_blender.core.body.skeleton import INDEX
from tests.blender.results_at_hand import (
    key_count,
    kinds_at,
    move,
    opened,
    points,
    record_of_result,
    result_of,
    select,
)
from tests.blender.snapshot import snapshot

HAND = "right_hand"


def off(ob: Any, solved: np.ndarray) -> np.ndarray:
    """Pixels (frames, 28) between what is shown and what was solved."""
    return np.asarray(np.linalg.norm(points(ob) - solved, axis=-1) / record_of_result(ob).placement.scale)


@pytest.mark.parametrize("fps", [30, 24])
def test_few_keys_show_the_same_within_the_tolerance(sample: Path, kept: Path, fps: int) -> None:
    result = result_of(sample, kept, fps=fps)
    solved, before = points(result), key_count(result)
    assert bpy.ops.jumps.simplify(pixels=2.0) == {"FINISHED"}
    assert off(result, solved).max() < 2.01
    assert key_count(result) < 0.4 * before
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}  # nothing counts as moved
    assert bpy.ops.jumps.restore_keys() == {"FINISHED"}
    assert key_count(result) == before
    assert off(result, solved).max() < 0.01
    assert tolerance_of(result) == 0


def test_a_tolerance_may_be_given_in_units_of_the_scene(result: Any) -> None:
    solved = points(result)
    assert bpy.ops.jumps.simplify(unit="SCENE", distance=0.01) == {"FINISHED"}
    assert 0.005 < np.linalg.norm(points(result) - solved, axis=-1).max() < 0.0101


def test_pins_and_held_feet_stay_exactly(result: Any) -> None:
    there = move(result, HAND, 80, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    bpy.ops.jumps.lock_feet()
    before = points(result)
    assert bpy.ops.jumps.simplify(pixels=5.0) == {"FINISHED"}
    after, first = points(result), int(record_of_result(result).timing.start)
    np.testing.assert_allclose(after[80 - first, INDEX[HAND]], there, atol=1e-5)
    assert kinds_at(result, HAND, 80) == {"EXTREME"}
    still = (np.diff(before, axis=0) == 0).all(-1)[:, INDEX["left_foot"]]
    assert still.sum() > 20
    np.testing.assert_allclose(after[1:, INDEX["left_foot"]][still], before[1:, INDEX["left_foot"]][still], atol=1e-5)


def test_a_contact_that_is_let_go_gets_curves_again(result: Any) -> None:
    bpy.ops.jumps.lock_feet()
    bpy.ops.jumps.simplify(pixels=2.0)
    first = int(record_of_result(result).timing.start)
    still = (np.diff(points(result), axis=0) == 0).all(-1)[:, INDEX["left_foot"]]
    bpy.context.scene.frame_set(first + int(np.flatnonzero(still)[3]))
    select(result, ["left_foot", "left_toe", "left_ankle"])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    record = record_of_result(result)
    assert off(result, record.placement.to_armature(record.positions)).max() < 2.01
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}
    bpy.ops.jumps.free_feet()
    assert bpy.ops.jumps.lock_feet(strength=0.5) == {"FINISHED"}
    record = record_of_result(result)
    assert off(result, record.placement.to_armature(record.positions)).max() < 2.01
    assert key_count(result) < 3500


def test_a_simplified_result_is_solved_again_and_the_rest_keeps_its_keys(result: Any) -> None:
    solved = points(result)
    bpy.ops.jumps.simplify(pixels=2.0)
    few, before = key_count(result), points(result)
    there = move(result, HAND, 110, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    record, after = record_of_result(result), points(result)
    first = int(record.timing.start)
    assert np.argwhere(record.pins).tolist() == [[110 - first, INDEX[HAND]]]
    np.testing.assert_allclose(after[110 - first, INDEX[HAND]], there, atol=1e-4)
    assert off(result, record.placement.to_armature(record.positions)).max() < 2.01
    assert key_count(result) < 1.3 * few
    # Single precision, five metres from the origin: Blender rounds to half a micrometre.
    np.testing.assert_allclose(after[:20], before[:20], atol=2e-6)
    np.testing.assert_allclose(after[-20:], before[-20:], atol=2e-6)
    bpy.context.scene.frame_set(110)
    select(result, [HAND])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    assert off(result, solved).max() < 6
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}


def test_keys_within_the_tolerance_are_no_pins(result: Any) -> None:
    bpy.ops.jumps.simplify(pixels=3.0)
    for frame in range(60, 90):
        move(result, HAND, frame, (0.0, 0.0))
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}


def test_it_survives_saving(result: Any, tmp_path: Path) -> None:
    bpy.ops.jumps.simplify(pixels=2.0)
    name, before = result.name, points(result)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "few.blend"))
    again = opened(tmp_path / "few.blend", name)
    np.testing.assert_allclose(points(again), before, atol=1e-6)
    assert tolerance_of(again) == 2.0
    there = move(again, HAND, 90, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    at = 90 - int(record_of_result(again).timing.start)
    np.testing.assert_allclose(points(again)[at, INDEX[HAND]], there, atol=1e-4)


def test_keys_that_somebody_else_removed_come_back_where_it_is_solved_again(result: Any) -> None:
    from jumps_blender.blender.scene.actions import location_curves
    from jumps_blender.blender.scene.keyframes import keys_of, put_keys, some_keys

    for fcurve in location_curves(result).values():
        keys = keys_of(fcurve)
        put_keys(fcurve, some_keys(keys, np.arange(len(keys["co"])) % 4 == 0))
    there = move(result, HAND, 90, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    record = record_of_result(result)
    at = 90 - int(record.timing.start)
    np.testing.assert_allclose(points(result)[at, INDEX[HAND]], there, atol=1e-4)
    around = slice(at - 3, at + 4)
    assert off(result, record.placement.to_armature(record.positions))[around, INDEX[HAND]].max() < 0.1


def test_what_waits_to_be_solved_is_not_lost(result: Any) -> None:
    move(result, HAND, 80, (0.1, 0.1))
    before = snapshot()
    with pytest.raises(RuntimeError, match="press Solve Again first"):
        bpy.ops.jumps.simplify()
    assert snapshot() == before
    assert result.get(TOLERANCE) is None


def test_a_key_at_every_frame_brings_deleted_channels_back(result: Any) -> None:
    before, animation = points(result), result.animation_data
    bag = bag_of(animation.action, getattr(animation, "action_slot", None))
    for (bone, axis), fcurve in location_curves(result).items():
        if bone == "left_toe" or (bone == "head_top" and axis == 0):
            bag.fcurves.remove(fcurve)
    assert np.abs(points(result) - before).max() > 0.1
    assert bpy.ops.jumps.restore_keys() == {"FINISHED"}
    np.testing.assert_allclose(points(result), before, atol=1e-5)
