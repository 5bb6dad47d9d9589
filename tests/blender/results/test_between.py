"""Keys that an animator sets between the clip's frames: what is shown at their moment is what was keyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results.doubt import doubt_of
from jumps_blender.blender.results.locks import stored_locks
from jumps_blender.core.body.skeleton import INDEX
from tests.blender.conftest import write_tracks
from tests.blender.people_at_hand import heads, import_tracks, upsample
from tests.blender.results_at_hand import kinds_at, move, opened, points, record_of_result, result_of, select

HAND = "right_hand"


@pytest.fixture
def result(sample: Path, kept: Path) -> Any:
    """The sample's second person, 30 fps, in a scene at 24: frame 82 lies between two frames of the clip."""
    return result_of(sample, kept, fps=24)


def shown(ob: Any, frames: list[float], bone: str = HAND) -> np.ndarray:
    """X and Z of a joint at scene frames, (frames, 2)."""
    return heads(ob, frames)[:, INDEX[bone]][:, [0, 2]]


def test_a_key_between_samples_is_met_exactly_and_the_motion_follows(result: Any) -> None:
    before = points(result)
    there = move(result, HAND, 82, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(result, [82]), [there], atol=1e-5)
    assert kinds_at(result, HAND, 82) == {"EXTREME"}
    timing = record_of_result(result).timing
    moved = np.linalg.norm(points(result) - before, axis=-1)[:, INDEX[HAND]]
    around = np.abs(timing.frames(len(moved)) - 82)
    assert (moved[around < 1] > 0.2).all()
    assert (moved[around < 2] > 0.4 * moved.max()).all()
    assert (moved[around > 40] == 0).all()


def test_keys_on_every_frame_of_the_scene_are_met_all(result: Any) -> None:
    there = [move(result, HAND, frame, (0.02 * (frame - 80), 0.1)) for frame in range(80, 86)]
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(result, list(range(80, 86))), there, atol=1e-5)
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}


@pytest.fixture
def slow(tmp_path: Path, walk: np.ndarray) -> Any:
    """A clip of 8 fps in a scene at 24: two frames of the scene lie between two of the clip."""
    bpy.context.scene.render.fps = 24
    import_tracks(write_tracks(tmp_path / "slow.json", walk, fps=8.0))
    result = bpy.context.view_layer.objects.active = upsample()
    return result


def test_more_keys_than_samples_are_met_all(slow: Any) -> None:
    there = [move(slow, HAND, frame, (0.05 * (-1) ** frame, 0.1)) for frame in (11, 12, 13, 14, 15)]
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(slow, [11, 12, 13, 14, 15]), there, atol=1e-5)
    assert bpy.ops.jumps.simplify() == {"FINISHED"}
    np.testing.assert_allclose(shown(slow, [11, 12, 13, 14, 15]), there, atol=1e-5)
    assert bpy.ops.jumps.restore_keys() == {"FINISHED"}
    np.testing.assert_allclose(shown(slow, [11, 12, 13, 14, 15]), there, atol=1e-5)


def test_it_stays_through_later_edits_saving_and_other_keys(result: Any, tmp_path: Path) -> None:
    there = move(result, HAND, 82, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    name = result.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "edited.blend"))
    again = opened(tmp_path / "edited.blend", name)
    elbow = move(again, "right_elbow", 83, (0.05, 0.05))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(again, [82]), [there], atol=1e-5)
    np.testing.assert_allclose(shown(again, [83], "right_elbow"), [elbow], atol=1e-5)
    for deed in (bpy.ops.jumps.simplify, bpy.ops.jumps.lock_feet, bpy.ops.jumps.restore_keys, bpy.ops.jumps.free_feet):
        assert deed() == {"FINISHED"}
        np.testing.assert_allclose(shown(again, [82]), [there], atol=1e-5)
        assert kinds_at(again, HAND, 82) == {"EXTREME"}
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}


def test_it_can_be_moved_again_and_let_go(result: Any) -> None:
    before = points(result)
    move(result, HAND, 82, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    there = move(result, HAND, 82, (-0.1, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(result, [82]), [there], atol=1e-5)
    select(result, [HAND])
    bpy.context.scene.frame_set(90)
    assert bpy.ops.jumps.unpin() == {"CANCELLED"}
    bpy.context.scene.frame_set(82)
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    assert np.abs(points(result) - before).max() < 0.02
    assert kinds_at(result, HAND, 82) == {"KEYFRAME"}
    assert bpy.ops.jumps.unpin(frames="ALL") == {"CANCELLED"}


def test_a_pin_of_a_sample_stays_when_a_key_beside_it_moves(slow: Any) -> None:
    start = int(record_of_result(slow).timing.start)
    pin = move(slow, HAND, start + 6, (0.1, 0.1))
    bpy.ops.jumps.resolve()
    there = move(slow, HAND, start + 7, (-0.1, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(slow, [start + 6, start + 7]), [pin, there], atol=1e-5)


def test_one_channel_alone_is_enough(result: Any) -> None:
    before = shown(result, [82])
    bpy.context.scene.frame_set(82)
    hand = result.pose.bones[HAND]
    hand.location[0] += 0.3
    assert hand.keyframe_insert("location", index=0, frame=82)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(shown(result, [82]) - before, [[0.3, 0]], atol=1e-4)


def test_it_is_counted_shown_and_found_as_one(result: Any) -> None:
    move(result, HAND, 82, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    doubt = doubt_of(result)
    assert doubt
    assert doubt.count == 1
    assert np.flatnonzero(doubt.at(82)[1]).tolist() == [INDEX[HAND]]
    bpy.context.scene.frame_set(10)
    assert bpy.ops.jumps.jump_pin() == {"FINISHED"}
    assert bpy.context.scene.frame_current == 82


def test_a_held_foot_goes_where_a_key_between_puts_it(result: Any) -> None:
    bpy.ops.jumps.lock_feet()
    locks = stored_locks(result, len(record_of_result(result).observed))
    assert locks
    timing, held = record_of_result(result).timing, locks.held[:, INDEX["left_foot"]]
    frames = timing.frames(len(held))
    frame = next(f for f in range(int(frames[held][0]) + 1, 200) if np.abs(frames - f).min() > 0.1)
    contact = held & (np.abs(frames - frame) < 3)
    there = move(result, "left_foot", frame, (0.05, 0.02))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(
        shown(result, [frame, *frames[contact]], "left_foot"), [there] * (1 + contact.sum()), atol=1e-4
    )
