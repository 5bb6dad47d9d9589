"""A performance on the animator's rig: bones point as the joints do, and what is not led stays as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Quaternion

from jumps_blender.blender.retarget.guide import guide_of
from jumps_blender.blender.retarget.parts import segments
from jumps_blender.blender.retarget.rigs import RIGIFY
from jumps_blender.blender.scene.actions import key_frames
from jumps_blender.core.body.skeleton import INDEX, MIRROR
from jumps_blender.ui.rig_properties import rig_map
from tests.blender.retarget.leading import FRAMES, bake, lead, settings, state, worst_angle
from tests.blender.retarget.rigs_at_hand import (
    KINDS,
    bone_directions,
    dance,
    degrees_apart,
    make_result,
    make_rig,
)
from tests.blender.snapshot import snapshot


@pytest.mark.parametrize("pose", ["T", "A", "bent"])
@pytest.mark.parametrize("kind", ["mixamo", "ue5"])
def test_bones_point_as_joints_do_whatever_the_rest(kind: str, pose: str, points: np.ndarray) -> None:
    upwards, prefix = ("Y", "mixamorig:") if kind == "mixamo" else ("Z", "")
    rig = make_rig(KINDS[kind], pose, prefix, upwards, honest=kind == "mixamo", scale=1 if kind == "mixamo" else 100)
    lead(make_result(points), rig)
    assert settings().kind == kind
    assert worst_angle(rig, points, upwards) < 0.1
    bake()
    assert worst_angle(rig, points, upwards) < 0.1


def test_a_rig_that_was_scaled_turned_and_parented_is_left_as_it_stands(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"], "A")
    cart = bpy.data.objects.new("cart", None)
    bpy.context.scene.collection.objects.link(cart)
    cart.rotation_euler, cart.scale = (0.3, 0.2, 1.0), (2, 2, 2)
    rig.parent, rig.location, rig.scale = cart, (1, 2, 3), (0.01, 0.02, 0.01)
    bpy.context.view_layer.update()
    before = rig.matrix_world.copy()
    lead(make_result(points), rig)
    assert worst_angle(rig, points) < 0.1
    bake()
    assert worst_angle(rig, points) < 0.1
    assert rig.matrix_world == before


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE"])
def test_bones_keep_their_rotation_mode_and_do_not_spin(mode: Any, points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"])
    for bone in rig.pose.bones:
        bone.rotation_mode = mode
    lead(make_result(points), rig)
    bake()
    assert {bone.rotation_mode for bone in rig.pose.bones} == {mode}
    assert worst_angle(rig, points) < 0.1
    turned = []
    for frame in np.arange(1, len(FRAMES), 0.25):
        bpy.context.scene.frame_set(int(frame), subframe=float(frame % 1))
        turned.append(rig.pose.bones["LeftForeArm"].matrix.to_quaternion())
    steps = [np.degrees(a.rotation_difference(b).angle) for a, b in pairwise(turned)]
    assert max(min(step, 360 - step) for step in steps) < 20


def test_limbs_roll_with_elbows_and_never_flip(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"], "A")
    lead(make_result(points), rig)
    pose = rig.pose.bones
    rest = rig.data.bones["LeftArm"].matrix_local.to_3x3()
    hinge_at_rest = rest.inverted() @ (pose["LeftForeArm"].bone.head_local - pose["LeftArm"].bone.head_local).cross(
        (0, -1, 0)
    )
    for i, frame in enumerate(FRAMES):
        bpy.context.scene.frame_set(frame)
        shown = np.array((pose["LeftArm"].matrix.to_3x3() @ hinge_at_rest).normalized())
        shoulder, elbow, wrist = (points[i, INDEX[f"left_{joint}"]] for joint in ("shoulder", "elbow", "wrist"))
        assert degrees_apart(shown, np.cross(elbow - shoulder, wrist - elbow)) < 30


def test_an_arm_that_swings_through_the_line_of_sight_does_not_turn_round(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"])
    swing = np.linspace(-1, 1, len(FRAMES))  # as a mean of depths tells it: down, nothing, up, all in the picture
    arm = [INDEX[f"left_{joint}"] for joint in ("shoulder", "elbow", "wrist", "hand")]
    points[:, arm] = points[:, arm[:1]]
    for joint, length in zip(arm[1:], (0.28, 0.54, 0.64), strict=True):
        points[:, joint, 2] += length * swing
    lead(make_result(points), rig)
    shown = bone_directions(rig, {"LeftForeArm": "LeftHand"}, FRAMES)["LeftForeArm"]
    assert degrees_apart(shown[1:], shown[:-1]).max() < 45
    assert np.abs(shown[:, 2][[0, -1]]).min() > 0.99
    assert degrees_apart(shown * (1, 0, 1), np.outer(swing, (0, 0, 1))).max() < 15


def test_a_size_a_ground_and_a_way(points: np.ndarray) -> None:
    rig = make_rig(KINDS["ue5"], scale=100)
    lead(make_result(points), rig)
    feet, hips = [], []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        feet.append(min(rig.pose.bones[f"foot_{side}"].head.z for side in "lr"))
        hips.append(rig.pose.bones["pelvis"].head.x)
    assert min(feet) == pytest.approx(9, abs=4)  # the ankle of a rig that is 175 units tall
    assert hips[-1] - hips[0] == pytest.approx(
        100 * (points[-1, INDEX["pelvis"], 0] - points[0, INDEX["pelvis"], 0]), rel=0.02
    )
    lead(make_result(points), rig, travel="stay")
    bpy.context.scene.frame_set(FRAMES[-1])
    assert abs(rig.pose.bones["pelvis"].head.x) < 3


def test_no_foot_goes_below_the_ground(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"])
    points[12, :, 2] -= 0.1
    lead(make_result(points), rig)
    feet = [f"{side}{part}" for side in ("Left", "Right") for part in ("Foot", "ToeBase", "Toe_End")]
    lowest, hips = [], []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        lowest.append(min(rig.pose.bones[bone].head.z - rig.data.bones[bone].head_local.z for bone in feet))
        hips.append(rig.pose.bones["Hips"].head.z)
    assert min(lowest) > -1e-4
    assert np.percentile(lowest, 20) < 0.06
    assert np.abs(np.diff(hips)).max() < 0.1, "he is lifted smoothly"


def make_curve(*points: tuple[float, float, float], thickness: float = 0.0) -> Any:
    data = bpy.data.curves.new("way", "CURVE")
    data.dimensions, data.bevel_depth = "3D", thickness
    if points:
        line = data.splines.new("POLY")
        line.points.add(len(points) - 1)
        for point, place in zip(line.points, points, strict=True):
            point.co = (*place, 1)
    curve = bpy.data.objects.new("way", data)
    bpy.context.scene.collection.objects.link(curve)
    return curve


@pytest.mark.parametrize("thickness", [0.0, 0.2])
def test_it_walks_along_a_curve(thickness: float, points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"])
    lead(make_result(points), rig, travel="curve", curve=make_curve((0, 0, 0), (0, 5, 0), thickness=thickness))
    bpy.context.scene.frame_set(FRAMES[-1])
    hips = rig.pose.bones["Hips"].head
    assert hips.y == pytest.approx(0.03 * (len(FRAMES) - 1), rel=0.1)
    assert abs(hips.x) < 0.05
    assert [curve.name for curve in bpy.data.curves] == ["way"]


def test_a_curve_that_is_missing_or_has_no_length_is_said(points: np.ndarray) -> None:
    rig, result = make_rig(KINDS["mixamo"]), make_result(points)
    before = state()
    with pytest.raises(RuntimeError, match="none is chosen"):
        lead(result, rig, travel="curve")
    with pytest.raises(RuntimeError, match="has no length"):
        lead(result, rig, curve=make_curve())
    bpy.data.objects.remove(bpy.data.objects["way"])
    assert state() == before


def test_in_a_mirror_left_is_right(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"], "A")
    lead(make_result(points), rig, mirror=True)
    assert worst_angle(rig, points[:, MIRROR] * (-1, 1, 1)) < 0.1


def test_without_depth_it_says_that_the_motion_lies_in_a_plane(
    points: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    rig = make_rig(KINDS["mixamo"])
    walk = dance(len(FRAMES)) * (1, 0, 1)
    lead(make_result(walk, depth=False), rig, facing="front")
    assert "lies in a plane" in capfd.readouterr().out
    arms = {"LeftArm": "LeftForeArm", "RightForeArm": "RightHand"}
    shown = bone_directions(rig, arms, FRAMES)
    for bone, (a, b) in {
        "LeftArm": ("left_shoulder", "left_elbow"),
        "RightForeArm": ("right_elbow", "right_wrist"),
    }.items():
        seen = walk[:, INDEX[b]] - walk[:, INDEX[a]]
        clear = np.linalg.norm(seen, axis=-1) > 0.06
        assert degrees_apart(shown[bone][clear] * (1, 0, 1), seen[clear]).max() < 1
        assert np.abs(shown[bone][:, 1]).max() < 0.05


def test_hips_that_are_connected_to_a_root_are_moved_by_it(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"])
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    root = bones.new("root")
    root.tail = bones["Hips"].head
    bones["Hips"].parent, bones["Hips"].use_connect = root, True
    bpy.ops.object.mode_set(mode="OBJECT")
    lead(make_result(points), rig)
    bake()
    assert worst_angle(rig, points) < 0.1
    way = []
    for frame in (FRAMES[0], FRAMES[-1]):
        bpy.context.scene.frame_set(frame)
        way.append(rig.pose.bones["Hips"].head.x)
    assert way[1] - way[0] == pytest.approx(np.ptp(points[[0, -1], INDEX["pelvis"], 0]), rel=0.02)


def test_a_rig_of_arms_alone_moves_its_arms(points: np.ndarray) -> None:
    rig, result = make_rig(KINDS["mixamo"]), make_result(points)
    settings().target = rig
    for line in settings().bones:
        line.bone = line.bone if line.joint.endswith(("shoulder", "elbow", "wrist")) else ""
    lead(result, rig)
    bake()
    shown = bone_directions(rig, {"RightForeArm": "RightHand"}, FRAMES)["RightForeArm"]
    assert degrees_apart(shown, points[:, INDEX["right_wrist"]] - points[:, INDEX["right_elbow"]]).max() < 0.1
    assert len(key_frames(rig)) == 6


def test_only_led_bones_get_keys_and_other_actions_stay(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"])
    other = make_rig(KINDS["ue5"])
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    tail = rig.data.edit_bones.new("Tail")
    tail.head, tail.tail = (0, 0, 1), (0, 0.5, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    for ob, bone in ((rig, "Tail"), (rig, "LeftArm"), (other, "head")):
        ob.pose.bones[bone].keyframe_insert("rotation_quaternion", frame=3)
    own = rig.animation_data.action
    before = snapshot()["actions"]
    lead(make_result(points), rig)
    bake()
    after = snapshot()["actions"]
    assert {name: after[name] for name in before} == before
    assert rig.animation_data.action != own
    keys = key_frames(rig)
    assert list(keys["Tail"]) == [3]
    assert len(keys["LeftArm"]) == len(FRAMES)
    assert set(keys) == {
        "Tail",
        *(rig_map(settings()).bones[part.joint] for part in segments(rig_map(settings()).bones)),
    }
    assert own.use_fake_user


def test_undo_takes_everything_away(points: np.ndarray) -> None:
    rig = make_rig(KINDS["mixamo"]).name
    result = make_result(points).name
    settings().source, settings().target = bpy.data.objects[result], bpy.data.objects[rig]
    before = state()
    bpy.ops.ed.undo_push(message="before")
    lead(bpy.data.objects[result], bpy.data.objects[rig])
    led = state()
    bpy.ops.ed.undo_push(message="led")
    bake()
    bpy.ops.ed.undo_push(message="baked")
    bpy.ops.ed.undo()
    assert state() == led
    bpy.ops.ed.undo()
    assert state() == before


def test_letting_go_leaves_the_rig_as_it_was(points: np.ndarray) -> None:
    rig, result = make_rig(KINDS["mixamo"]), make_result(points)
    before = state()
    lead(result, rig)
    lead(result, rig, mirror=True)
    assert len([ob for ob in bpy.data.objects if ob.parent == rig]) == 1
    assert bpy.ops.jumps.free_rig() == {"FINISHED"}
    assert state() == before


def test_a_led_rig_is_led_after_a_reload_and_can_be_baked(points: np.ndarray, tmp_path: Path) -> None:
    lead(make_result(points), make_rig(KINDS["mixamo"]))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "led.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "led.blend"))
    rig = bpy.data.objects["mixamo rig"]
    assert guide_of(rig)
    assert worst_angle(rig, points) < 0.1
    bake()
    assert worst_angle(rig, points) < 0.1


def test_a_linked_rig_is_refused_with_the_remedy_and_its_override_moves(points: np.ndarray, tmp_path: Path) -> None:
    make_rig(KINDS["mixamo"])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "rig.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    import addon_utils

    addon_utils.enable("jumps_blender", default_set=True)
    with bpy.data.libraries.load(str(tmp_path / "rig.blend"), link=True) as (_, linked):
        linked.objects = ["mixamo rig"]
    rig, result = linked.objects[0], make_result(points)
    bpy.context.scene.collection.objects.link(rig)
    with pytest.raises(RuntimeError, match="library override"):
        bpy.ops.jumps.lead_rig(source=result.name, target=rig.name)
    ours = rig.override_create(remap_local_usages=True)
    settings().target = ours
    lead(result, ours)
    for done in ("led", "baked"):
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
        rig = next(ob for ob in bpy.data.objects if ob.override_library)
        assert worst_angle(rig, points) < 0.1, done
        assert (guide_of(rig) is not None) == (done == "led")
        if done == "led":
            bake()


@pytest.mark.parametrize(("limbs", "degrees"), [("fk", 0.1), ("ik", 3.0), ("legs", 3.0)])
def test_rigify_gets_keys_on_its_controls(limbs: str, degrees: float, repository: Path) -> None:
    job = [sys.executable, str(Path(__file__).with_name("rigify_job.py")), limbs]
    ran = subprocess.run(job, cwd=repository, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    if told is None:
        pytest.skip("this Blender brings no Rigify")
    keyed = set(told["keyed"])
    assert told["guessed"] == "rig", "not the meta-rig beside it"
    assert told["kind"] == RIGIFY.id
    assert told["degrees"] < degrees
    assert told["roll"] < 75, "no bone turns round within a frame"
    assert {"torso", "spine_fk.002", "upper_arm_parent.L", "thigh_parent.R"} <= keyed
    assert {"hand_ik.L" if limbs == "ik" else "hand_fk.L", "toe_fk.R" if limbs == "fk" else "toe_ik.R"} <= keyed
    assert ("thigh_ik_target.L" in keyed) == (limbs != "fk")
    assert ("upper_arm_ik_target.L" in keyed) == (limbs == "ik")
    assert not [name for name in keyed if name.startswith(("ORG", "DEF", "MCH"))]
    assert told["switches"] == {"upper_arm_parent.L": limbs != "ik", "thigh_parent.L": limbs == "fk"}
    assert told["others_changed"] == []


def test_a_flip_is_led_over() -> None:
    from jumps_blender.blender.retarget.steady import without_flips

    twist = np.array(
        [Quaternion((0, 1, 0), a).to_matrix()[:] for a in np.radians([0, 1, 2, 3, 178, 179, 180, 181, 182])]
    )
    still = np.broadcast_to(np.eye(3), twist.shape)
    steady = without_flips(still, twist, np.array([0.0, 1.0, 0.0]), 25.0)
    step = [np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))) for a, b in pairwise(steady)]
    assert max(step) < 30
