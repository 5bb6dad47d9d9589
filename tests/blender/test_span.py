"""Some frames of a clip alone: what is read for them, and that they come out as in the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import stored_result
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from tests.blender.people_at_hand import heads, import_tracks, key_location, make_armature, upsample
from tests.blender.snapshot import snapshot

StandIn = Callable[[str], Path]
HAND = "right_hand"


@pytest.fixture
def source(sample: Path) -> Any:
    """The sample's first person over frames 1 to 226; the scene runs at the clip's rate."""
    bpy.context.scene.render.fps = 30
    return import_tracks(sample, start_frame=1)


def _typed(first: int, last: int, **options: Any) -> Any:
    return upsample(frames="TYPED", first_frame=first, last_frame=last, **options)


def _key_frames(ob: Any) -> list[float]:
    action = ob.animation_data.action
    layered = hasattr(action, "layers") and len(action.layers)
    curves = action.layers[0].strips[0].channelbags[0].fcurves if layered else action.fcurves
    (frames,) = {tuple(point.co[0] for point in curve.keyframe_points) for curve in curves}
    return list(frames)


@pytest.mark.parametrize(("settings", "first", "last"), [("default", 100, 130), ("draft", -20, 40), ("best", 200, 999)])
def test_frames_come_out_as_in_the_whole(source: Any, settings: str, first: int, last: int) -> None:
    whole = upsample(settings=settings)
    bpy.context.view_layer.objects.active = source
    part = _typed(first, last, settings=settings)
    shown = range(max(first, 1), min(last, 226) + 1)
    assert _key_frames(part) == list(shown)
    np.testing.assert_allclose(heads(part, shown), heads(whole, shown), atol=1e-5)
    assert part.name == f"rooftop_coco17 person 1 28 joints {shown[0]}-{shown[-1]}"


def test_a_single_frame_is_called_once(source: Any, stand_in: StandIn) -> None:
    stand_in("pass")
    assert _typed(139, 139).name == "rooftop_coco17 person 1 28 joints 139"


def test_two_windows_on_either_side_are_read(source: Any, stand_in: StandIn) -> None:
    stand_in("raise errors.InputError(repr((len(positions), first_frame, estimates.level)))")
    with pytest.raises(RuntimeError, match=r"\(147, 41, 226.0\)"):
        bpy.ops.jumps.upsample(frames="TYPED", first_frame=100, last_frame=130)


def test_the_scenes_ranges(source: Any, stand_in: StandIn) -> None:
    stand_in("pass")
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 20, 30
    assert _key_frames(upsample(frames="SCENE")) == list(range(20, 31))
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 25, 28
    assert _key_frames(upsample(frames="PREVIEW")) == list(range(25, 29))


def test_in_a_scene_of_another_rate_the_ends_are_covered(sample: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    bpy.context.scene.render.fps = 24
    import_tracks(sample, start_frame=1)
    frames = _key_frames(_typed(50, 60))
    assert 50 - 0.8 < frames[0] <= 50
    assert 60 <= frames[-1] < 60 + 0.8
    np.testing.assert_allclose(np.diff(frames), 0.8, atol=1e-4)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"frames": "PREVIEW"}, "no preview range: press P"),
        ({"frames": "TYPED", "first_frame": 9, "last_frame": 8}, r"end \(8\) before they begin \(9\)"),
        ({"frames": "TYPED", "first_frame": 300, "last_frame": 400}, "show nothing of the clip.* frames 1 to 226"),
    ],
)
def test_frames_that_cannot_be_solved(source: Any, asked: dict[str, Any], message: str) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.jumps.upsample(**asked)
    assert snapshot() == before


def test_a_part_can_be_put_right_as_the_whole_can(source: Any) -> None:
    results = [upsample(settings="draft")]
    bpy.context.view_layer.objects.active = source
    results.append(_typed(100, 150, settings="draft"))
    shown = []
    for ob in results:
        bpy.context.view_layer.objects.active = ob
        bpy.context.scene.frame_set(104)
        joint = ob.pose.bones[HAND]
        joint.location = (joint.location[0] + 0.2, joint.location[1], joint.location[2] + 0.1)
        joint.keyframe_insert("location", frame=104)
        assert bpy.ops.jumps.resolve() == {"FINISHED"}
        shown.append(heads(ob, range(100, 151)))
    np.testing.assert_allclose(shown[1], shown[0], atol=1e-4)
    record = stored_result(results[1])
    assert record
    assert record.pins.shape == (51, 28)
    assert np.argwhere(record.pins).tolist() == [[4, INDEX[HAND]]]


def test_some_frames_of_a_hand_keyed_armature(stand_in: StandIn) -> None:
    stand_in("pass")
    source = make_armature("hand", {joint: (0.1 * i, 0, 1 + 0.05 * i) for i, joint in enumerate(LIMB_JOINTS)})
    for i, joint in enumerate(LIMB_JOINTS):
        key_location(source, joint, 5, (0, 0, 0))
        key_location(source, joint, 205, (0.02 * i, 0.3, 0.1))
    part = _typed(100, 110)
    assert _key_frames(part) == list(range(100, 111))
    limbs = [JOINTS.index(joint) for joint in LIMB_JOINTS]
    np.testing.assert_allclose(heads(part, [103])[:, limbs][..., [0, 2]], heads(source, [103])[..., [0, 2]], atol=1e-4)


def test_warnings_tell_of_the_frames_that_were_asked_for(
    source: Any, sample: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(sample.read_text())
    for frame in range(60, 91):
        document["people"][0]["confidence"][frame] = [0.0] * 17
    (tmp_path / "gap.json").write_text(json.dumps(document))
    import_tracks(tmp_path / "gap.json", start_frame=1)
    _typed(75, 110, settings="draft")
    assert "observed in frames 75-91: the person is invented there" in capfd.readouterr().out
    _typed(100, 110, settings="draft")
    assert "invented" not in capfd.readouterr().out


def test_points_that_were_not_followed_are_told_by_frames_of_the_scene(
    sample: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.context.scene.render.fps = 30
    import_tracks(sample, start_frame=1001)
    upsample(settings="draft")
    told = [line for line in capfd.readouterr().out.splitlines() if "cannot be right" in line]
    assert told
    numbers = [int(number) for number in re.findall(r"\b\d+\b", told[0].partition("most of them")[2])]
    assert min(numbers) >= 1001
