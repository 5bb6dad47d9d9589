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

from jumps_blender.blender.actions import key_frames
from jumps_blender.core.body.skeleton import INDEX
from tests.blender.retarget.rigs_at_hand import bone_directions, dance, degrees_apart, make_result

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
    points = dance(20)
    result = make_result(points)
    bpy.ops.object.armature_basic_human_metarig_add()
    bpy.ops.pose.rigify_generate()
    rig = bpy.data.objects["rig"]
    before = {bone.name: bone.matrix_basis.copy() for bone in rig.pose.bones}
    settings = bpy.context.scene.jumps_rig
    settings.limbs = limbs
    bpy.ops.jumps.lead_rig(source=result.name, target=rig.name)
    bpy.ops.jumps.bake_rig()
    shown = bone_directions(rig, {bone: told[0] for bone, told in CHECKED.items()}, range(1, 21))
    keyed = sorted(key_frames(rig))
    return {
        "kind": settings.kind,
        "keyed": keyed,
        "degrees": max(
            float(degrees_apart(shown[bone], points[:, INDEX[end]] - points[:, INDEX[start]]).max())
            for bone, (_, start, end) in CHECKED.items()
        ),
        "switches": {name: bool(rig.pose.bones[name]["IK_FK"]) for name in ("upper_arm_parent.L", "thigh_parent.L")},
        "others_moved": [
            name for name, basis in before.items() if name not in keyed and rig.pose.bones[name].matrix_basis != basis
        ],
    }


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
