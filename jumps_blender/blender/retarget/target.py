"""The animator's rig: read, never changed but for constraints and keys."""

from __future__ import annotations

import bpy
import numpy as np

from ...errors import InputError
from ..scene.actions import is_tweaked
from ..scene.present import bones_of
from .mapping import RigMap
from .rest import Joints, is_flat
from .rigs import recognise


def why_not(ob: bpy.types.Object | None) -> str:
    """Why a rig cannot be led; empty where it can."""
    if ob is None or ob.type != "ARMATURE":
        return "Choose the armature that is to move as Rig"
    if ob.library and not ob.override_library:
        return f"{ob.name} is linked: make a library override of it first (Object > Library Override > Make)"
    if ob.override_library and ob.override_library.is_system_override:
        return f"{ob.name} is an override that cannot be edited: select it, Library Override > Make makes it editable"
    if is_tweaked(ob):
        return f"An NLA strip of {ob.name} is being edited: leave its tweak mode first"
    return ""


def guess_map(ob: bpy.types.Object) -> RigMap:
    """What the rig's bones show, by their names."""
    bones = bones_of(ob)
    return recognise(tuple(bone.name for bone in bones), {b.name: b.parent.name if b.parent else None for b in bones})


def is_drawing(ob: bpy.types.Object, rig: RigMap) -> bool:
    """Whether the rig's mapped bones lie in a plane."""
    return len(rig.bones) > 1 and is_flat(joints_of(ob, rig))


def joints_of(ob: bpy.types.Object, rig: RigMap) -> Joints:
    """Where the mapped bones rest.

    Raises:
        InputError: a bone is not there, or too few are mapped.

    """
    bones = bones_of(ob)
    missing = [bone for bone in {*rig.bones.values(), *rig.places.values(), rig.root} - {""} if bone not in bones]
    if missing:
        raise InputError(
            f"{ob.name} has no bone {', '.join(map(repr, sorted(missing)[:5]))}, which the mapping names: correct the "
            "list of bones, or guess it anew."
        )
    places = {joint: bones[rig.place_of(joint)] for joint, bone in rig.bones.items() if bone}
    if len(places) < 2:
        raise InputError(
            f"Only {len(places)} bones of {ob.name} are mapped: name the hips and a limb in the list of bones."
        )
    return Joints(
        {joint: np.array(bone.head_local, float) for joint, bone in places.items()},
        {joint: np.array(bone.tail_local, float) for joint, bone in places.items()},
        np.array([end[:] for bone in bones for end in (bone.head_local, bone.tail_local)], float),
    )
