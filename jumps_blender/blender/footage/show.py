"""Footage as Blender shows it: an image in the armature's plane, or a camera that sees that plane before the video.

Which picture is shown, how wide the camera sees and how large its picture is are drivers that Blender works out without
Python, so that files keep working without this add-on, whatever becomes of the scene's resolution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import Any, Final

import bpy

from ..scene.present import scene_of
from ..tracks.armature import move_to, takes_in
from .clock import Clock
from .fit import Rectangle

QUARTER: Final = pi / 2

_FIRST, _SPAN = -500_000, 1_000_000
"""The first scene frame at which pictures are shown, and at how many."""

TICKER: Final = "jumps_ticker"
"""Property of a plane: the texture that tells Blender at each scene frame that the picture is another."""


@dataclass(frozen=True)
class Scenery:
    """The armature, the pictures as a data-block of its own, where they lie and when."""

    ob: bpy.types.Object
    image: bpy.types.Image
    where: Rectangle
    clock: Clock


def show_plane(context: bpy.types.Context, scenery: Scenery) -> bpy.types.Object:
    """An image in the armature's plane, drawn behind all else; it follows the armature, and clicks go through it."""
    where = scenery.where
    plane = bpy.data.objects.new(f"{scenery.ob.name} footage", None)
    plane.empty_display_type = "IMAGE"
    plane.data = scenery.image  # type: ignore[assignment]  # the stubs know no images of empties
    plane.empty_display_size = max(where.width, where.height)
    plane.empty_image_depth = "BACK"
    plane.use_empty_image_alpha = True
    plane.hide_select = True
    plane.location = (where.x, 0.0, where.z)
    plane.rotation_euler = (QUARTER, where.turns * QUARTER, 0.0)
    # Blender counts a plane's pictures and works out drivers in no certain order, so that an offset would often be that
    # of the frame before. Without the count the driver alone decides, but nothing tells that there is a new picture.
    plane.image_user.use_auto_refresh = False
    _drive(plane, "image_user.frame_current", scenery.clock.expression)
    plane[TICKER] = _ticker(scenery.image)
    _attach(context, plane, scenery.ob)
    return plane


def show_camera(context: bpy.types.Context, scenery: Scenery) -> bpy.types.Object:
    """An orthographic camera before the armature's plane, with the footage behind all that it sees."""
    where = scenery.where
    camera = bpy.data.cameras.new(f"{scenery.ob.name} camera")
    ob = bpy.data.objects.new(camera.name, camera)
    away = max(where.width, where.height)
    ob.location = (where.x, -away, where.z)
    ob.rotation_euler = (QUARTER, 0.0, 0.0)
    ob.lock_location = ob.lock_rotation = ob.lock_scale = (True, True, True)
    camera.type, camera.sensor_fit = "ORTHO", "HORIZONTAL"
    reach = away * max(abs(axis) for axis in scenery.ob.matrix_world.to_scale()[:])
    camera.clip_start, camera.clip_end = reach / 1000, reach * 1000
    camera.show_background_images = True
    _add_background(camera, scenery)
    _frame(camera, scenery)
    _attach(context, ob, scenery.ob)
    return ob


KINDS: Final[dict[str, Callable[[bpy.types.Context, Scenery], bpy.types.Object]]] = {
    "PLANE": show_plane,
    "CAMERA": show_camera,
}


def _ticker(image: bpy.types.Image) -> bpy.types.Texture:
    """Another user of the pictures, who counts a new one at every scene frame, and draws nothing."""
    texture: Any = bpy.data.textures.new(image.name, "IMAGE")
    texture.image = image
    _count(texture.image_user)
    return texture


def _count(user: bpy.types.ImageUser) -> None:
    """Let a user of pictures take another at every scene frame."""
    user.use_auto_refresh = True
    user.frame_start, user.frame_duration = _FIRST, _SPAN


def _add_background(camera: bpy.types.Camera, scenery: Scenery) -> None:
    background = camera.background_images.new()
    background.source, background.image = "IMAGE", scenery.image
    background.alpha = 1.0
    background.display_depth, background.frame_method = "BACK", "FIT"
    background.rotation = scenery.where.turns * QUARTER
    _count(background.image_user)
    # A camera's picture is counted when it is drawn, so that only its offset can be driven.
    offset = f"{scenery.clock.expression} - floor(frame) - {1 - _FIRST}"
    _drive(camera, "background_images[0].image_user.frame_offset", offset)


def _frame(camera: bpy.types.Camera, scenery: Scenery) -> None:
    """Let the camera see the whole picture, whatever the scene's resolution and the armature's scale."""
    where = scenery.where
    wide = f"max({where.width:.9g}, {where.height:.9g} * x * p / (y * q))"
    _drive(camera, "ortho_scale", f"abs(s) * {wide}", of_scene=True, scaled_by=scenery.ob)
    if where.turns % 2:
        # Blender fits the picture as it is stored, lying; upright, its width is to be the rectangle's height.
        fitted = f"{wide} * min(1, {where.height / where.width:.9g} * y * q / (x * p))"
        _drive(camera, "background_images[0].scale", f"{where.height:.9g} / ({fitted})", of_scene=True)


def _drive(
    owner: Any, path: str, expression: str, of_scene: bool = False, scaled_by: bpy.types.Object | None = None
) -> None:
    """Drive a property; in the expression are `x`, `y`, `p`, `q` the scene's resolution and aspect, `s` a scale."""
    driver = owner.driver_add(path).driver
    for name, source in _OF_SCENE.items() if of_scene else ():
        variable = driver.variables.new()
        variable.name, variable.type = name, "CONTEXT_PROP"
        variable.targets[0].context_property, variable.targets[0].data_path = "ACTIVE_SCENE", source
    if scaled_by:
        variable = driver.variables.new()
        variable.name, variable.type = "s", "TRANSFORMS"
        target = variable.targets[0]
        target.id, target.transform_type, target.transform_space = scaled_by, "SCALE_AVG", "WORLD_SPACE"
    driver.expression = expression


_OF_SCENE: Final = {
    "x": "render.resolution_x",
    "y": "render.resolution_y",
    "p": "render.pixel_aspect_x",
    "q": "render.pixel_aspect_y",
}


def _attach(context: bpy.types.Context, shown: bpy.types.Object, ob: bpy.types.Object) -> None:
    """Into the armature's collection, and after it wherever it goes."""
    scene = scene_of(context)
    homes = [home for home in ob.users_collection if takes_in(home)]
    move_to(shown, homes[0] if homes else scene.collection)
    shown.parent = ob
