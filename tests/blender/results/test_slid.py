"""A result whose keys were slid or stretched in time goes on being edited where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from demo.figures import MIXAMO, make_figure
from jumps_blender.blender.results.doubt import doubt_of
from jumps_blender.blender.retarget.guide import guide_of
from jumps_blender.blender.scene.fcurves import own_fcurves
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from tests.blender.people_at_hand import heads
from tests.blender.results_at_hand import move, record_of_result, result_of, select

HAND = "right_hand"


@pytest.fixture
def result(sample: Path, kept: Path) -> Any:
    """The sample's second person, with a pin at frame 80; the scene at the clip's rate."""
    ob = result_of(sample, kept)
    move(ob, HAND, 80, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    return ob


def retime(ob: Any, shift: float, stretch: float = 1.0) -> None:
    """Slide and stretch all keys, as G and S do in the dope sheet."""
    for fcurve in own_fcurves(ob):
        for point in fcurve.keyframe_points:
            point.co[0] = point.co[0] * stretch + shift
        fcurve.update()


@pytest.mark.parametrize(("shift", "stretch"), [(100, 1), (-30, 1), (1000, 1), (0.5, 1), (10, 2), (0, 0.5)])
def test_the_motion_stays_and_edits_go_where_it_is(result: Any, shift: float, stretch: float) -> None:
    before = record_of_result(result)
    retime(result, shift, stretch)
    frame = round(120 * stretch + shift)
    there = move(result, "left_hand", frame, (0.1, 0.2))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = record_of_result(result)
    assert after.timing.start == pytest.approx(before.timing.start * stretch + shift, abs=1e-3)
    assert after.timing.step == pytest.approx(stretch)
    np.testing.assert_allclose(heads(result, [frame])[0, INDEX["left_hand"]][[0, 2]], there, atol=1e-4)
    assert before.positions is not None
    assert after.positions is not None
    far = slice(0, 40)
    np.testing.assert_array_equal(after.positions[far], before.positions[far])
    assert after.pins is not None
    assert after.pins[80 - int(before.timing.start), INDEX[HAND]]
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}


def test_what_is_drawn_and_found_comes_along(result: Any) -> None:
    retime(result, 100)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    doubt = doubt_of(result)
    assert doubt
    assert doubt.pin_frames().tolist() == [180]
    bpy.context.scene.frame_set(180)
    select(result, [HAND])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    assert not bpy.ops.jumps.jump_pin.poll()


def test_fewer_keys_and_every_key_are_set_where_they_are(result: Any) -> None:
    frames = np.arange(60, 160.0)
    before = heads(result, frames)
    retime(result, 100)
    for deed in (bpy.ops.jumps.simplify, bpy.ops.jumps.restore_keys):
        assert deed() == {"FINISHED"}
        np.testing.assert_allclose(heads(result, frames + 100), before, atol=0.02)
    np.testing.assert_allclose(heads(result, frames + 100), before, atol=1e-5)


def test_a_pose_that_is_keyed_before_the_clip_is_no_slide(result: Any) -> None:
    before = record_of_result(result).timing
    for bone in JOINTS:
        move(result, bone, -20, (0.5, 0.0))
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}
    there = move(result, "left_hand", 120, (0.1, 0.2))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert record_of_result(result).timing == before
    np.testing.assert_allclose(heads(result, [120])[0, INDEX["left_hand"]][[0, 2]], there, atol=1e-4)


def test_a_rig_is_led_when_the_keys_are(result: Any) -> None:
    rig = make_figure("figure", MIXAMO)
    retime(result, 100, 2)
    assert bpy.ops.jumps.lead_rig(source=result.name, target=rig.name) == {"FINISHED"}
    guide: Any = guide_of(rig)
    assert tuple(guide.animation_data.action.frame_range) == tuple(result.animation_data.action.frame_range)
