"""Feet that stand are held, and let go again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results.ground import BLUE
from jumps_blender.blender.results.locks import LOCKS, stored_locks
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.contacts import FEET
from jumps_blender.ui.overlay import lines_of
from tests.blender.people_at_hand import import_tracks, upsample
from tests.blender.results_at_hand import kinds_at, move, opened, points, record_of_result, result_of, select
from tests.blender.snapshot import snapshot


def held(ob: Any) -> np.ndarray:
    """Bool (frames, 28)."""
    locks = stored_locks(ob, len(record_of_result(ob).observed))
    return np.zeros((len(record_of_result(ob).observed), 28), bool) if locks is None else locks.held


def slide(ob: Any, which: np.ndarray) -> float:
    """How far joints move from frame to frame while they are held, in mm of a person of 1.7 m."""
    return float(1000 * np.linalg.norm(np.diff(points(ob), axis=0), axis=-1)[which[1:] & which[:-1]].mean())


def test_feet_that_stand_no_longer_slide_and_the_rest_stays(result: Any) -> None:
    before = points(result)
    assert bpy.ops.jumps.lock_feet() == {"FINISHED"}
    which, after = held(result), points(result)
    assert 0.2 < which[:, FEET].any((1, 2)).mean() < 0.9
    assert slide(result, which) < 0.01
    others = np.setdiff1d(np.arange(28), FEET)
    np.testing.assert_array_equal(after[:, others], before[:, others])
    assert np.linalg.norm(after - before, axis=-1).max() < 0.15
    frame, foot = np.argwhere(which[:, FEET[0, 1] : FEET[0, 1] + 1])[0][0], "left_foot"
    assert kinds_at(result, foot, frame + record_of_result(result).timing.start) == {"MOVING_HOLD"}


def test_feet_that_are_freed_are_where_they_were(result: Any) -> None:
    before = points(result)
    bpy.ops.jumps.lock_feet()
    bpy.ops.jumps.lock_feet(speed=1.5)
    assert bpy.ops.jumps.free_feet() == {"FINISHED"}
    assert LOCKS not in result
    np.testing.assert_allclose(points(result), before, atol=1e-6)
    assert kinds_at(result, "left_foot", 80) == {"KEYFRAME"}
    with pytest.raises(RuntimeError, match=r"No foot of .* is held"):
        bpy.ops.jumps.free_feet()


def test_half_the_strength_goes_half_the_way(result: Any) -> None:
    before = points(result)
    bpy.ops.jumps.lock_feet()
    whole = points(result)
    bpy.ops.jumps.lock_feet(strength=0.5)
    np.testing.assert_allclose(points(result), (before + whole) / 2, atol=1e-4)


def test_a_held_foot_that_is_moved_takes_its_contact_along(result: Any) -> None:
    bpy.ops.jumps.lock_feet()
    which = held(result)[:, INDEX["left_foot"]]
    first = int(np.flatnonzero(which)[0])
    last = first + int(np.argmin(which[first:])) - 1
    before = points(result)
    there = move(result, "left_foot", int(first + 3 + record_of_result(result).timing.start), (0.05, 0.02))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = points(result)
    np.testing.assert_allclose(after[first : last + 1, INDEX["left_foot"]], [there] * (last - first + 1), atol=1e-4)
    far = slice(last + 60, None)
    np.testing.assert_array_equal(after[far], before[far])
    assert slide(result, held(result)) < 0.01


def test_a_pin_says_where_a_contact_is(result: Any) -> None:
    bpy.ops.jumps.lock_feet()
    which = held(result)[:, INDEX["left_ankle"]]
    at = int(np.flatnonzero(which)[0]) + 4
    bpy.ops.jumps.free_feet()
    there = move(result, "left_ankle", int(at + record_of_result(result).timing.start), (0.01, 0.01))
    bpy.ops.jumps.resolve()
    bpy.ops.jumps.lock_feet()
    np.testing.assert_allclose(points(result)[at - 1 : at + 2, INDEX["left_ankle"]], [there] * 3, atol=1e-4)


def test_a_wrong_contact_of_the_selection_is_let_go(result: Any) -> None:
    free = points(result)
    bpy.ops.jumps.lock_feet()
    which = held(result)[:, INDEX["left_foot"]]
    first = int(np.flatnonzero(which)[0])
    last = first + int(np.argmin(which[first:])) - 1
    bpy.context.scene.frame_set(int(first + 2 + record_of_result(result).timing.start))
    select(result, ["left_foot"])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    now = held(result)[:, INDEX["left_foot"]]
    assert not now[first : last + 1].any()
    np.testing.assert_array_equal(now[last + 1 :], which[last + 1 :])
    middle = (first + last) // 2
    gap = np.flatnonzero(now)[0] - last
    assert gap > 12  # no other contact is near
    joint = INDEX["left_foot"]
    np.testing.assert_allclose(points(result)[middle, joint], free[middle, joint], atol=1e-5)
    assert bpy.ops.jumps.unpin() == {"CANCELLED"}
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}


def test_an_edit_elsewhere_leaves_feet_held_after_saving(result: Any, tmp_path: Path) -> None:
    bpy.ops.jumps.lock_feet()
    name = result.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "held.blend"))
    again = opened(tmp_path / "held.blend", name)
    there = move(again, "right_hand", 80, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    at = 80 - int(record_of_result(again).timing.start)
    np.testing.assert_allclose(points(again)[at, INDEX["right_hand"]], there, atol=1e-4)
    assert slide(again, held(again)) < 0.01


def test_a_bar_is_drawn_below_what_is_held(result: Any) -> None:
    bpy.ops.jumps.lock_feet()
    which = held(result)
    for sample in (0, int(np.flatnonzero(which.any(1))[5])):
        bpy.context.scene.frame_set(int(sample + record_of_result(result).timing.start))
        lines = lines_of(result, result, bpy.context.scene)
        assert lines
        blue = (lines[1] == BLUE).all(-1)
        assert blue.sum() == 2 * which[sample].sum()
    ends = lines[0][blue].reshape(-1, 2, 3)
    np.testing.assert_allclose(
        ends.mean(1)[:, 0], [result.pose.bones[JOINTS[i]].head[0] for i in np.flatnonzero(which[sample])], atol=1e-5
    )


def test_what_waits_to_be_solved_is_not_lost(result: Any) -> None:
    move(result, "left_foot", 40, (0.1, 0.1))
    before = snapshot()
    with pytest.raises(RuntimeError, match="press Solve Again first"):
        bpy.ops.jumps.lock_feet()
    assert snapshot() == before


def test_where_no_foot_stands_nothing_changes(result: Any) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match=r"No foot of .* was found to stand"):
        bpy.ops.jumps.lock_feet(speed=0.1)
    assert snapshot() == before


def test_undo_takes_a_lock_back(result: Any) -> None:
    name, before = result.name, snapshot()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.jumps.lock_feet()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert LOCKS not in bpy.data.objects[name]
    assert snapshot()["actions"] == before["actions"]


def test_a_part_of_a_clip_holds_feet_and_is_solved_again(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    import_tracks(sample, people="2")
    result = upsample(frames="TYPED", first_frame=80, last_frame=150)
    bpy.context.view_layer.objects.active = result
    assert len(record_of_result(result).observed) == 71
    assert bpy.ops.jumps.lock_feet() == {"FINISHED"}
    there = move(result, "right_hand", 110, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(points(result)[30, INDEX["right_hand"]], there, atol=1e-4)
    assert slide(result, held(result)) < 0.01


def test_a_scene_of_another_rate_holds_feet_too(sample: Path, kept: Path) -> None:
    result = result_of(sample, kept, fps=24)
    assert bpy.ops.jumps.lock_feet() == {"FINISHED"}
    assert slide(result, held(result)) < 0.01
