"""What an animator does to lead a rig, and how far its bones then are from the performance."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from jumps_blender.blender.retarget.parts import segments
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.ui.rig_properties import rig_map
from tests.blender.retarget.rigs_at_hand import (
    bone_directions,
    degrees_apart,
)
from tests.blender.snapshot import snapshot

FRAMES = range(1, 21)


def settings() -> Any:
    return bpy.context.scene.jumps_rig


def lead(source: Any, target: Any, **options: Any) -> None:
    for name, value in options.items():
        setattr(settings(), name, value)
    assert bpy.ops.jumps.lead_rig(source=source.name, target=target.name) == {"FINISHED"}


def bake() -> None:
    assert bpy.ops.jumps.bake_rig() == {"FINISHED"}


def state() -> dict[str, Any]:
    """Everything, as it is shown at the first frame."""
    bpy.context.scene.frame_set(1)
    return snapshot()


def worst_angle(rig: Any, points: np.ndarray, upwards: str = "Z", flat: bool = False) -> float:
    """Greatest angle in degrees between the rig's bones and the joints of the performance."""
    mapped = rig_map(settings()).bones
    parts = [part for part in segments(mapped) if part.next]
    shown = bone_directions(rig, {mapped[part.joint]: mapped[part.next] for part in parts}, FRAMES)
    worst = 0.0
    for part in parts:
        found = shown[mapped[part.joint]]
        found = np.stack([found[:, 0], -found[:, 2], found[:, 1]], -1) if upwards == "Y" else found
        wanted = points[:, INDEX[part.end]] - points[:, INDEX[part.joint]]
        if flat:
            found, wanted = found * (1, 0, 1), wanted * (1, 0, 1)
        worst = max(worst, float(degrees_apart(found, wanted).max()))
    return worst
