"""A generated Rigify human that is led and baked; a process of its own, since Rigify lets no Blender 4.5 end.

    python rigify_job.py fk|ik|legs

The last line of its output is JSON, null where Blender brings no Rigify.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import bpy
import numpy as np

from jumps_blender.blender.scene.actions import key_frames
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.ui.rig_choice import RIG, offered
from tests.blender.retarget.rigs_at_hand import bone_directions, dance, degrees_apart, make_result
from tests.blender.snapshot import snapshot

CHECKED = {
    "ORG-upper_arm.L": ("ORG-forearm.L", "left_shoulder", "left_elbow"),
    "ORG-shin.R": ("ORG-foot.R", "right_knee", "right_ankle"),
    "ORG-spine.001": ("ORG-spine.002", "spine", "spine2"),
}


def run(limbs: str) -> dict[str, Any] | None:
    import addon_utils  # which Python knows after bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("jumps_blender", default_set=True)
    if addon_utils.enable("rigify", default_set=True) is None:
        return None
    points = with_a_straight_arm(dance(20))
    result = make_result(points)
    bpy.ops.object.armature_basic_human_metarig_add()
    bpy.ops.pose.rigify_generate()
    rig = bpy.data.objects["rig"]
    bpy.ops.object.select_all(action="DESELECT")
    guessed = offered(bpy.context, RIG)
    before = snapshot()
    settings = bpy.context.scene.jumps_rig
    settings.limbs = limbs
    bpy.ops.jumps.lead_rig(source=result.name, target=rig.name)
    bpy.ops.jumps.bake_rig()
    after = snapshot()
    shown = bone_directions(rig, {bone: told[0] for bone, told in CHECKED.items()}, range(1, 21))
    keyed = sorted(key_frames(rig))
    return {
        "guessed": guessed.name if guessed else "",
        "kind": settings.kind,
        "keyed": keyed,
        "degrees": max(
            float(degrees_apart(shown[bone], points[:, INDEX[end]] - points[:, INDEX[start]]).max())
            for bone, (_, start, end) in CHECKED.items()
        ),
        "roll": largest_roll(rig, [bone.name for bone in rig.pose.bones if bone.name.startswith("DEF-")]),
        "switches": {name: bool(rig.pose.bones[name]["IK_FK"]) for name in ("upper_arm_parent.L", "thigh_parent.L")},
        "others_changed": others_changed(before, after, rig.name, keyed),
    }


def with_a_straight_arm(points: np.ndarray) -> np.ndarray:
    """The right arm stretched for five frames, so that its elbow seems to bend forwards and backwards by turns."""
    shoulder, elbow, wrist, hand = (INDEX[f"right_{joint}"] for joint in ("shoulder", "elbow", "wrist", "hand"))
    for frame, aside in zip(range(8, 13), (0.03, -0.03, 0.03, -0.03, 0.03), strict=True):
        for joint, length in ((elbow, 0.28), (wrist, 0.54), (hand, 0.64)):
            points[frame, joint] = points[frame, shoulder] + (-length, 0, 0)
        points[frame, elbow, 1] += aside
    return points


def largest_roll(rig: Any, bones: list[str]) -> float:
    """Degrees that a bone turns about its own length from one frame to the next."""
    worst, before = 0.0, dict[str, Any]()
    for frame in range(1, 21):
        bpy.context.scene.frame_set(frame)
        shown = rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones
        now = {bone: shown[bone].matrix.to_quaternion() for bone in bones}
        for bone, earlier in before.items():
            turned = earlier.rotation_difference(now[bone])
            worst = max(worst, abs((2 * np.degrees(np.arctan2(turned.y, turned.w)) + 180) % 360 - 180))
        before = now
    return worst


def others_changed(before: dict[str, Any], after: dict[str, Any], rig: str, keyed: list[str]) -> list[str]:
    """What differs but for the rig's keyed bones, and its Action."""
    found = [part for part in before if part not in {"objects", "actions"} and before[part] != after[part]]
    found += [name for name, action in before["actions"].items() if after["actions"].get(name) != action]
    found += [name for name, ob in before["objects"].items() if name != rig and after["objects"].get(name) != ob]
    was, now = before["objects"][rig], after["objects"][rig]
    found += [part for part in was if part not in {"pose", "action", "slot"} and was[part] != now[part]]
    return found + [bone for bone, state in was["pose"].items() if bone not in keyed and now["pose"][bone] != state]


if __name__ == "__main__":
    code = 1
    try:
        told = run(sys.argv[1])
        print()
        print(json.dumps(told), flush=True)
        code = 0
    except Exception:  # noqa: BLE001  whatever it is, this process has to end
        traceback.print_exc()
    finally:
        os._exit(code)
