"""What Blender's types leave open and our callers made sure of: it is there, and it is an armature."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import bpy


def scene_of(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene at hand."""
    assert context.scene
    return context.scene


def layer_of(context: bpy.types.Context) -> bpy.types.ViewLayer:
    """The view layer at hand."""
    assert context.view_layer
    return context.view_layer


def bones_of(ob: bpy.types.Object) -> bpy.types.ArmatureBones:
    """The bones of an armature object, at rest."""
    return armature_of(ob).bones


def pose_bones_of(ob: bpy.types.Object) -> bpy.types.bpy_prop_collection[bpy.types.PoseBone]:
    """The bones of an armature object, in their pose."""
    assert ob.pose
    return ob.pose.bones


def armature_of(ob: bpy.types.Object) -> bpy.types.Armature:
    """The armature of an armature object."""
    assert isinstance(ob.data, bpy.types.Armature)
    return ob.data


def selected_bones(ob: bpy.types.Object) -> tuple[str, ...]:
    """Names of the selected bones in their pose: since 5.0 they are selected themselves, before that their bones."""
    return tuple(bone.name for bone in pose_bones_of(ob) if _selectable(bone).select)


def select_bones(ob: bpy.types.Object, names: Container[str]) -> None:
    """Select the bones of these names and no others."""
    for bone in pose_bones_of(ob):
        _selectable(bone).select = bone.name in names


def _selectable(bone: bpy.types.PoseBone) -> Any:
    return bone if hasattr(bone, "select") else bone.bone
