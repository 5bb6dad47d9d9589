"""Which bone shows which joint: recognised, guessed, edited, saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from jumps_blender.blender.retarget.mapping import RigMap, from_json
from jumps_blender.blender.retarget.names import guess
from jumps_blender.blender.retarget.presets import load_preset, preset_names, save_preset
from jumps_blender.blender.retarget.rigs import RIGS, recognise
from jumps_blender.errors import InputError
from jumps_blender.ui import rig_properties
from tests.blender.retarget.rigs_at_hand import MIXAMO, dance, make_result, make_rig

PARTS = {
    "blender": ("hips spine chest neck head", "{}.{}", "shoulder upper_arm forearm hand thigh shin foot toe", "L R"),
    "words": (
        "Pelvis Spine1 Spine2 Neck Head", "{1}{0}", "Clavicle UpperArm LowerArm Hand UpperLeg LowerLeg Foot Toes",
        "Left Right",
    ),
    "max": (
        "Bip01_Pelvis Spine Spine1 Neck Head", "Bip01 {1} {0}", "Clavicle UpperArm Forearm Hand Thigh Calf Foot Toe0",
        "L R",
    ),
    "game": (
        "Root Spine_01 Spine_02 Neck_01 Head_01", "{}_{}",
        "collar arm_upper arm_lower hand leg_upper leg_lower foot ball", "l r",
    ),
}  # fmt: skip
"""Axial bones, how limbs are named, limbs from the collar bone to the toes, sides."""


def usual(naming: str) -> list[str]:
    axial, form, limbs, sides = PARTS[naming]
    return [*axial.split(), *(form.format(limb, side) for limb in limbs.split() for side in sides.split())]


@pytest.mark.parametrize("naming", PARTS)
def test_usual_names_are_guessed_with_their_sides(naming: str) -> None:
    names = usual(naming)
    found = guess(tuple(names), dict.fromkeys(names))
    limbs = [bone for joint, bone in found.items() if joint.startswith("left_")]
    assert limbs == [names[i] for i in range(5, len(names), 2)]
    assert [found[f"right_{joint[5:]}"] for joint in found if joint.startswith("left_")] == names[6::2]
    assert {"pelvis", "spine", "neck", "head"} <= set(found)


def test_helpers_are_no_limbs() -> None:
    names = ("hand.L", "hand_ik.L", "MCH-hand.L", "upperarm_twist_01_l")
    assert guess(names, dict.fromkeys(names)) == {"left_wrist": "hand.L"}


@pytest.mark.parametrize("kind", RIGS)
def test_each_kind_of_the_registry_recognises_its_own_names(kind: str) -> None:
    names = {*RIGS[kind]._both(RIGS[kind].bones).values(), *RIGS[kind].known_by}
    found = recognise(tuple(names), dict.fromkeys(names))
    assert found.kind == kind
    assert len(found.bones) >= 20


def test_a_preset_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    rig = RigMap({"pelvis": "Hüfte", "left_hip": "leg"}, "names", {"pelvis": "x"}, "torso", "spine2", ("left_hip",))
    name = save_preset(tmp_path / "rigs", "../my / hero", rig)
    assert preset_names(tmp_path / "rigs") == (name,)
    assert load_preset(tmp_path / "rigs", name) == rig
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "rigs"]


OURS = {"format": "jumps-rig", "version": 1}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"format": "x"},
        OURS | {"version": 9},
        OURS,
        OURS | {"bones": {"tail": "b"}},
        OURS | {"bones": {"neck": 3}},
        OURS | {"bones": {}, "rigid": ["tail"]},
        OURS | {"bones": {}, "rigid": 3},
    ],
)
def test_other_files_are_no_presets(content: Any) -> None:
    with pytest.raises(InputError):
        from_json(content, "file.json")


def test_a_damaged_preset_says_so(tmp_path: Path) -> None:
    save_preset(tmp_path, "a", RigMap({"neck": "n"}))
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        load_preset(tmp_path, "a")


def test_a_list_is_edited_saved_and_loaded_in_the_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jumps_blender.ui.operators import rig_presets

    monkeypatch.setattr(rig_presets, "preset_folder", lambda _kind, create=False: tmp_path)
    settings = bpy.context.scene.jumps_rig
    settings.target = make_rig(MIXAMO)
    line = next(line for line in settings.bones if line.joint == "left_wrist")
    assert line.bone == "LeftHand"
    line.bone, line.stretch = "", False
    assert bpy.ops.jumps.save_rig(preset="one hand") == {"FINISHED"}
    assert bpy.ops.jumps.guess_rig() == {"FINISHED"}
    assert "left_wrist" in rig_properties.rig_map(settings).bones
    assert bpy.ops.jumps.load_rig(preset="one hand") == {"FINISHED"}
    assert "left_wrist" not in rig_properties.rig_map(settings).bones
    assert rig_properties.rig_map(settings).rigid == ("left_wrist",)
    assert bpy.ops.jumps.forget_rig() == {"FINISHED"}
    assert preset_names(tmp_path) == ()


def test_a_bone_that_is_not_there_is_named_and_nothing_changes() -> None:
    settings = bpy.context.scene.jumps_rig
    rig = make_rig(MIXAMO)
    settings.target = rig
    settings.bones[0].bone = "Hipps"
    with pytest.raises(RuntimeError, match="no bone 'Hipps'"):
        bpy.ops.jumps.lead_rig(source=make_result(dance(3)).name, target=rig.name)
    assert not [constraint for bone in rig.pose.bones for constraint in bone.constraints]


def test_grey_buttons_say_why() -> None:
    for operator in (bpy.ops.jumps.bake_rig, bpy.ops.jumps.free_rig, bpy.ops.jumps.guess_rig, bpy.ops.jumps.save_rig):
        assert not operator.poll()
    make_rig(MIXAMO)
    with pytest.raises(RuntimeError, match="Nothing leads this rig yet"):
        bpy.ops.jumps.bake_rig()
