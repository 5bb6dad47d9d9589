"""Uncertainty as the 3D view shows it: a ring around each joint of the active result, as wide as it may be off."""

from __future__ import annotations

from typing import Any

import bpy

from ..blender.doubt import doubt_of, rings
from .properties import SCENE_PROPERTY

_handle: Any = None


def draw() -> None:
    """Draw the rings of the active result, where that is wished."""
    import gpu
    from gpu_extras.batch import batch_for_shader

    context = bpy.context
    ob, view = context.object, context.space_data
    if ob is None or ob.type != "ARMATURE" or not getattr(context.scene, SCENE_PROPERTY).show_uncertainty:
        return
    if not isinstance(view, bpy.types.SpaceView3D) or not view.overlay.show_overlays or not ob.visible_get():
        return
    doubt = doubt_of(ob)
    if doubt is None:
        return
    evaluated = ob.evaluated_get(context.evaluated_depsgraph_get())
    ends, paint = rings(evaluated, doubt, context.scene.frame_current_final)
    shader: Any = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    shader.uniform_float("lineWidth", 1.5 * context.preferences.system.ui_scale)
    state: Any = gpu.state
    shader.uniform_float("viewportSize", state.viewport_get()[2:])
    state.blend_set("ALPHA")
    matrix: Any = gpu.matrix
    with matrix.push_pop():
        matrix.multiply_matrix(evaluated.matrix_world)
        batch_for_shader(shader, "LINES", {"pos": ends.tolist(), "color": paint.tolist()}).draw(shader)
    state.blend_set("NONE")


def add_overlay() -> None:
    """Let 3D views draw it; there are none without a window."""
    global _handle  # noqa: PLW0603  Blender hands out what it wants back
    if not bpy.app.background:
        _handle = bpy.types.SpaceView3D.draw_handler_add(draw, (), "WINDOW", "POST_VIEW")


def remove_overlay() -> None:
    """Undo `add_overlay`."""
    global _handle  # noqa: PLW0603
    if _handle is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handle, "WINDOW")
        _handle = None
