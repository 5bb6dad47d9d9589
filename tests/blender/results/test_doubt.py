"""What a result says of its own uncertainty, as rings around its joints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

from jumps_blender.blender.records import store_result, stored_result
from jumps_blender.blender.results.doubt import SEGMENTS, circles, colours, crosses, doubt_of, rings
from jumps_blender.core.body.skeleton import INDEX
from tests.blender.people_at_hand import heads, import_tracks, upsample


def test_rings_are_as_wide_as_joints_may_be_off() -> None:
    centres, radii = np.array([[1.0, 0, 2], [0, 0, 0]]), np.array([0.5, 0.1])
    ends = circles(centres, radii).reshape(2, SEGMENTS, 2, 3)
    for ring, centre, radius in zip(ends, centres, radii, strict=True):
        np.testing.assert_allclose(np.linalg.norm(ring - centre, axis=-1), radius)
        np.testing.assert_allclose(ring[:-1, 1], ring[1:, 0])
    assert (ends[..., 1] == 0).all()
    assert crosses(centres, 0.1).shape == (8, 3)


def test_what_is_sure_is_green_and_a_guess_is_red() -> None:
    sure, between, guess = colours(np.array([0.0, 0.2, 5.0]))[:, :3]
    assert sure.argmax() == 1
    assert guess.argmax() == 0
    assert between[:2].min() > 0.7


def test_a_result_has_rings_and_a_pin_a_cross(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    source = import_tracks(sample)
    result = upsample()
    doubt, record = doubt_of(result), stored_result(result)
    assert doubt
    assert record
    assert doubt_of(source) is None
    np.testing.assert_allclose(doubt.at(record.timing.start + 7 * record.timing.step)[0], record.std[7], rtol=1e-6)
    np.testing.assert_allclose(doubt.at(-1e6)[0], record.std[0])
    np.testing.assert_allclose(doubt.at(1e6)[0], record.std[-1])
    assert 0.1 < doubt.head < 0.4
    ends, paint = rings(result, doubt, 50)
    assert ends.shape == (*paint.shape[:1], 3)
    assert len(ends) % (2 * SEGMENTS) == 0
    bpy.context.view_layer.objects.active = result
    bpy.context.scene.frame_set(50)
    result.pose.bones["left_hand"].location[0] += 0.2
    result.pose.bones["left_hand"].keyframe_insert("location")
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    edited = doubt_of(result)
    assert edited
    assert edited.at(50)[1][INDEX["left_hand"]]
    assert edited.at(50)[0][INDEX["left_hand"]] == 0
    assert (rings(result, edited, 50)[1][-1] == (1, 1, 1, 0.9)).all()


def test_drafts_do_not_know_but_show_their_pins(sample: Path) -> None:
    import_tracks(sample)
    result = upsample(settings="draft")
    doubt, record = doubt_of(result), stored_result(result)
    assert doubt
    assert record
    frame = int(np.flatnonzero(~record.rejected.any(1))[0] * record.timing.step + record.timing.start)
    assert not len(rings(result, doubt, frame)[0])
    pins = np.zeros((len(record.observed), 28), bool)
    pins[:, 7] = True
    store_result(result, replace(record, pins=pins))
    pinned = doubt_of(result)
    assert pinned
    assert (rings(result, pinned, frame)[1] == (1, 1, 1, 0.9)).all()


def test_points_that_were_not_believed_are_crossed_where_the_detector_had_them(sample: Path) -> None:
    source = import_tracks(sample)
    result = upsample()
    doubt, record = doubt_of(result), stored_result(result)
    assert doubt
    assert record
    sample_, joint = np.argwhere(record.rejected)[0]
    frame = record.timing.start + sample_ * record.timing.step
    joints = list(source.pose.bones.keys())
    there = heads(source, [frame])[0, [joints.index(source.pose.bones[joint].name)]][:, [0, 2]]
    np.testing.assert_allclose(doubt.astray_at(frame)[:1], there, atol=1e-4)
    ends, paint = rings(result, doubt, frame)
    assert (paint[:, 0] > 0.9).any()
    assert len(ends) % 4 == 0


def test_rings_are_those_of_the_result_as_it_is_now(sample: Path) -> None:
    import_tracks(sample)
    result = upsample()
    record = stored_result(result)
    assert record
    for joint in (3, 7):
        pins = np.zeros((len(record.observed), 28), bool)
        pins[10, joint] = True
        store_result(result, replace(record, pins=pins))
        doubt = doubt_of(result)
        assert doubt
        assert np.argwhere(doubt.pins).tolist() == [[10, joint]]
    result["jumps_result"] = "somebody's own"
    assert doubt_of(result) is None
