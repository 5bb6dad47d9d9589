"""Footage as it is drawn: only a window shows whether the picture is the one that belongs to the frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

from tests.blender.films import write_film
from tests.window.hand import VIEW, Waits
from tests.window.photographs import picture

FPS, WHITE_FROM = 50, 32
"""Of the film: pictures a second, and the first that is white, counted from 1; those before are black."""

SHOWN = {60: "white", 19: "black", 20: "white", 5: "black"}
"""At 30 frames per second the white begins between frames 19 and 20."""


def show_footage(folder: Path, pictures: Path, keypoints: Any) -> Waits:
    """A film behind the active keypoints changes at its time, as a plane and before a camera, and goes again."""
    film = np.zeros((100, 36, 64, 3), np.uint8)
    film[WHITE_FROM - 1 :] = 255
    path = write_film(folder / "film.mov", film, FPS)
    for kind in ("PLANE", "CAMERA"):
        with VIEW.override():
            bpy.ops.view3d.view_axis(type="FRONT")
            assert bpy.ops.jumps.add_footage(filepath=str(path), kind=kind) == {"FINISHED"}
            if kind == "PLANE":
                bpy.ops.view3d.view_all()
        (shown,) = (child for child in keypoints.children if child.type in {"EMPTY", "CAMERA"})
        bare = shown.location * Vector((1, 0, 1)) + Vector((1.2, 0, 0.7))  # of the sample's picture, without joints
        for frame, colour in SHOWN.items():
            bpy.context.scene.frame_set(frame)
            yield from picture("window-footage", pictures)
            found = _grey_at(pictures / "window-footage.jpg", keypoints.matrix_world @ bare)
            assert (found > 0.5) == (colour == "white"), f"{kind}, frame {frame}: {found:.2f} is not {colour}"
        bpy.ops.jumps.remove_footage()
    (pictures / "window-footage.jpg").unlink()


def _grey_at(photograph: Path, point: Any) -> float:
    """How bright the window is where a point of the world is drawn, 0 to 1."""
    window, area, region = VIEW.find()
    place: Any = location_3d_to_region_2d(region, area.spaces.active.region_3d, point)
    image: Any = bpy.data.images.load(str(photograph))
    pixels = np.array(image.pixels[:]).reshape(image.size[1], image.size[0], 4)
    bpy.data.images.remove(image)
    scale = len(pixels) / window.height  # photographs are smaller than the window
    return float(pixels[int((region.y + place.y) * scale), int((region.x + place.x) * scale), :3].mean())
