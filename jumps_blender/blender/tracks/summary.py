"""The colour of bones: by side, as they were imported, or by how often their point is in trouble in the clip."""

from __future__ import annotations

from typing import Final

import bpy
import numpy as np

from ..results.doubt import colours
from ..scene.present import pose_bones_of
from .states import States

MOSTLY: Final = 0.5
"""Share of frames from which on a bone is red."""


def colour_by_trouble(ob: bpy.types.Object, states: States) -> None:
    """Paint each pose bone from green over yellow to red by the share of frames in which its point is in trouble."""
    share = states.trouble / MOSTLY
    paint = dict(zip(states.joints, colours(np.clip(share, 0, 1), 0.0, 1.0)[:, :3].tolist(), strict=True))
    for bone in pose_bones_of(ob):
        if bone.name in paint:
            colour = paint[bone.name]
            bone.color.palette = "CUSTOM"
            bone.color.custom.normal = colour
            bone.color.custom.select = [min(1.0, 0.5 + channel / 2) for channel in colour]
            bone.color.custom.active = [min(1.0, 0.7 + channel / 2) for channel in colour]


def colour_by_side(ob: bpy.types.Object) -> None:
    """Show the colours of the armature's own bones again."""
    for bone in pose_bones_of(ob):
        bone.color.palette = "DEFAULT"


def is_coloured_by_trouble(ob: bpy.types.Object) -> bool:
    """Whether any pose bone has a colour of its own."""
    return any(bone.color.palette == "CUSTOM" for bone in pose_bones_of(ob))
