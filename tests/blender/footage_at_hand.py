"""Footage, whom it shows, and where and when Blender shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from jumps_blender.blender.footage import footage_of
from tests.blender.films import SPOT
from tests.blender.people_at_hand import record_of

JOINTS = {
    "left_wrist": SPOT, "left_shoulder": (30, 5), "right_shoulder": (20, 5), "left_hip": (28, 15),
    "right_hip": (22, 15), "left_ankle": (28, 30), "right_ankle": (22, 30),
}  # fmt: skip


def import_still(
    folder: Path, size: tuple[int, int] | None = (64, 36), fps: float | None = 25.0, first: int = 0, start: int = 1,
    **options: Any,
) -> Any:  # fmt: skip
    """Import a person who stands still for 20 frames, the left wrist at the red pixel; the armature."""
    content = {
        "format": "jumps-tracks", "version": 1, "joint_set": "custom", "joints": list(JOINTS), "image_size": size,
        "fps": fps, "first_frame": first,
        "people": [{"id": "0", "positions": [list(JOINTS.values())] * 20, "confidence": [[0.9] * len(JOINTS)] * 20}],
    }  # fmt: skip
    path = folder / "person.json"
    path.write_text(json.dumps(content))
    before = set(bpy.data.objects.keys())
    assert bpy.ops.jumps.import_tracks(filepath=str(path), start_frame=start, **options) == {"FINISHED"}
    (made,) = (ob for ob in bpy.data.objects if ob.type == "ARMATURE" and ob.name not in before)
    return made


def add(path: Path, **options: Any) -> Any:
    """Add footage to the active armature through the operator; what shows it."""
    assert bpy.ops.jumps.add_footage(filepath=str(path), **options) == {"FINISHED"}
    bpy.context.view_layer.update()
    return footage_of(bpy.context.view_layer.objects.active)


def image_of(shown: Any) -> Any:
    """The pictures, however they are shown."""
    return shown.data if shown.type == "EMPTY" else shown.data.background_images[0].image


def red_pixel(shown: Any) -> tuple[int, int]:
    """Column and row of the red pixel as this Blender shows the pictures, turned or not."""
    image = image_of(shown)
    pixels = np.array(image.pixels[:]).reshape(image.size[1], image.size[0], 4)[::-1]
    ((row, column),) = np.argwhere((pixels[..., 0] > 0.9) & (pixels[..., 1] < 0.3))
    return int(column), int(row)


def point_of(ob: Any, pixel: tuple[float, float]) -> Vector:
    """Where a keypoint at this pixel lies, in the world."""
    bpy.context.view_layer.update()
    x, z = record_of(ob).placement.to_armature(np.array(pixel, float))
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world @ Vector((x, 0, z))


def wrist_of(ob: Any) -> Vector:
    """Where the left wrist is, in the world."""
    bpy.context.view_layer.update()
    posed = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return posed.matrix_world @ posed.pose.bones["left_wrist"].head


def apart(shown: Any, pixel: tuple[float, float], point: Vector) -> float:
    """How far a pixel is shown from a point: on a plane in units, before a camera in fractions of its frame."""
    if shown.type == "EMPTY":
        return (pixel_on_plane(shown, pixel) - point).length
    return float(np.linalg.norm(pixel_before_camera(shown, pixel) - through_camera(shown, point)))


def write_images(folder: Path, numbers: range, size: tuple[int, int] = (64, 36)) -> Path:
    """A sequence of images; the first of them."""
    folder.mkdir(exist_ok=True)
    image = bpy.data.images.new("one", *size)
    image.file_format = "PNG"
    for number in numbers:
        image.filepath_raw = str(folder / f"shot_{number:04d}.png")
        image.save()
    bpy.data.images.remove(image)
    return folder / f"shot_{numbers[0]:04d}.png"


def pixel_on_plane(plane: Any, at: tuple[float, float]) -> Vector:
    """Where a plane shows the middle of a pixel (column, row from the top), in the world."""
    width, height = plane.data.size
    step = plane.empty_display_size / max(width, height)
    return plane.matrix_world @ Vector(((at[0] + 0.5 - width / 2) * step, (height / 2 - at[1] - 0.5) * step, 0))


def pixel_before_camera(camera: Any, at: tuple[float, float]) -> np.ndarray:
    """Where a camera shows the middle of a pixel of its background, in fractions of its frame from bottom left.

    As Blender's `overlay_image.cc` does it: fitted into the frame, scaled, and turned.
    """
    scene = bpy.context.scene
    evaluated = camera.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    (background,) = evaluated.background_images
    width, height = camera.data.background_images[0].image.size
    corners = np.array([corner[:] for corner in evaluated.view_frame(scene=scene)])
    frame = np.ptp(corners[:, :2], axis=0)
    fitted = min(frame[0] / width, frame[1] / height) * background.scale
    point = np.array([at[0] + 0.5 - width / 2, height / 2 - at[1] - 0.5]) * fitted
    cos, sin = np.cos(background.rotation), np.sin(background.rotation)
    return np.array([[cos, sin], [-sin, cos]]) @ point / frame + 0.5


def through_camera(camera: Any, point: Any) -> np.ndarray:
    """Where a camera sees a point of the world, in fractions of its frame from bottom left."""
    bpy.context.view_layer.update()
    evaluated = camera.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(world_to_camera_view(bpy.context.scene, evaluated, Vector(point))[:2])


def picture_at(shown: Any, frame: int) -> int:
    """Number of the picture that Blender shows at a scene frame, counted as `BKE_image_user_frame_get` does."""
    bpy.context.scene.frame_set(frame)
    evaluated = shown.evaluated_get(bpy.context.evaluated_depsgraph_get())
    if shown.type == "EMPTY":
        return evaluated.image_user.frame_current
    user = evaluated.data.background_images[0].image_user
    return min(max(frame - user.frame_start + 1, 0), user.frame_duration) + user.frame_offset
