"""Everything of a Blender file that a user would miss, as plain values that can be compared."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from jumps_blender.blender.scene.fcurves import fcurves_of


def snapshot() -> dict[str, Any]:
    """The state of the scene: data-blocks, transforms, keys, bones, constraints, selection, mode, frame."""
    context = bpy.context
    scene, layer = context.scene, context.view_layer
    active = layer.objects.active
    return {
        "frame": (scene.frame_current, scene.frame_subframe, scene.frame_start, scene.frame_end),
        "fps": (scene.render.fps, scene.render.fps_base),
        "scenes": sorted(other.name for other in bpy.data.scenes),
        "active": active.name if active else None,
        "mode": context.mode,
        "selected": sorted(ob.name for ob in layer.objects if ob.select_get()),
        "objects": {ob.name: _object(ob) for ob in bpy.data.objects},
        "armatures": {armature.name: _armature(armature) for armature in bpy.data.armatures},
        "actions": {action.name: _action(action) for action in bpy.data.actions},
        "clips": sorted(clip.name for clip in bpy.data.movieclips),
        "texts": sorted(text.name for text in bpy.data.texts),
    }


def _object(ob: Any) -> dict[str, Any]:
    animation = ob.animation_data
    return {
        "transform": [round(x, 6) for row in ob.matrix_world for x in row],
        "parent": ob.parent.name if ob.parent else None,
        "hidden": ob.hide_viewport,
        "collections": sorted(collection.name for collection in ob.users_collection),
        "action": animation.action.name if animation and animation.action else None,
        "slot": _slot(animation),
        "properties": {key: _plain(ob[key]) for key in sorted(ob.keys())},
        "pose": {bone.name: _pose_bone(bone) for bone in ob.pose.bones} if ob.pose else None,
    }


def _slot(animation: Any) -> str | None:
    slot = getattr(animation, "action_slot", None)
    return slot.identifier if slot else None


def _plain(value: Any) -> Any:
    if isinstance(value, bpy.types.ID):  # gone after an undo
        return value.name
    return value.to_dict() if hasattr(value, "to_dict") else value


def _pose_bone(bone: Any) -> dict[str, Any]:
    constraints = [(c.type, c.name, getattr(c, "subtarget", "")) for c in bone.constraints]
    return {"basis": [round(x, 6) for row in bone.matrix_basis for x in row], "constraints": constraints}


def _armature(armature: Any) -> dict[str, Any]:
    bones = {bone.name: [round(x, 6) for row in bone.matrix_local for x in row] for bone in armature.bones}
    return {"bones": bones, "position": armature.pose_position}


def _action(action: Any) -> list[Any]:
    slots = list(action.slots) if hasattr(action, "slots") else [None]
    return [_fcurve(fcurve) for slot in slots for fcurve in fcurves_of(action, slot)]


def _fcurve(fcurve: Any) -> Any:
    co = np.empty(2 * len(fcurve.keyframe_points), np.float32)
    fcurve.keyframe_points.foreach_get("co", co)
    return fcurve.data_path, fcurve.array_index, co.tolist()
