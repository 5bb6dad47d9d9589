"""What the 3D view shows on the active armature: how its points stand, or how far the joints of a result may be off."""

from __future__ import annotations

from typing import Any, Final

import bpy
import numpy as np
from bpy.app.handlers import persistent

from ..blender.results.doubt import doubt_of, rings
from ..blender.results.ground import bars, held_joints
from ..blender.scene.strip_time import in_action
from ..blender.tracks.marks import marks
from ..blender.tracks.states import forget_states, recheck_keys, states_of
from .properties import SCENE_PROPERTY

LINE: Final = 1.6
HALO: Final = 4.0
"""Widths in pixels: marks are seen on bones of their own colour too."""

SHADOW: Final = (0.0, 0.0, 0.0, 0.5)
"""What a colour is multiplied with for its halo."""

_handle: Any = None


def draw() -> None:
    """Draw the marks of the active armature, where that is wished."""
    context = bpy.context
    ob, view = context.object, context.space_data
    if ob is None or ob.type != "ARMATURE" or not isinstance(view, bpy.types.SpaceView3D):
        return
    if not view.overlay.show_overlays or not ob.visible_get():
        return
    evaluated = ob.evaluated_get(context.evaluated_depsgraph_get())
    lines = lines_of(ob, evaluated, context.scene)
    if lines is not None and len(lines[0]):
        _draw_lines(context, evaluated, *lines)


def lines_of(
    ob: bpy.types.Object, evaluated: bpy.types.Object, scene: bpy.types.Scene
) -> tuple[np.ndarray, np.ndarray] | None:
    """What is drawn on an armature now, in its space: ends of segments (n, 3) and colours (n, 4); None for nothing."""
    settings, frame = getattr(scene, SCENE_PROPERTY), in_action(ob, scene.frame_current_final)
    if settings.show_uncertainty and (doubt := doubt_of(ob)):
        held, parts = held_joints(ob, len(doubt.pins)), [rings(evaluated, doubt, frame)]
        if held is not None:
            parts.append(bars(evaluated, held, doubt, frame))
        ends, paint = zip(*parts, strict=True)
        return np.concatenate(ends), np.concatenate(paint)
    if settings.show_marks and (states := states_of(ob)):
        return marks(evaluated, states, frame)
    return None


def _draw_lines(context: bpy.types.Context, ob: bpy.types.Object, ends: np.ndarray, paint: np.ndarray) -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    assert context.preferences
    shader: Any = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    state: Any = gpu.state
    shader.uniform_float("viewportSize", state.viewport_get()[2:])
    state.blend_set("ALPHA")
    matrix: Any = gpu.matrix
    points = ends.astype(np.float32)  # as the card takes it: lists are read number by number
    with matrix.push_pop():
        matrix.multiply_matrix(ob.matrix_world)
        for width, colours in ((HALO, paint * SHADOW), (LINE, paint)):
            shader.uniform_float("lineWidth", width * context.preferences.system.ui_scale)
            batch_for_shader(shader, "LINES", {"pos": points, "color": colours.astype(np.float32)}).draw(shader)
    state.blend_set("NONE")


@persistent
def _note_change(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Keys may have changed: what was worked out of them may no longer hold."""
    if depsgraph.id_type_updated("ACTION"):
        recheck_keys()


@persistent
def _note_other_file(*_arguments: object) -> None:
    forget_states()


_HANDLERS = (
    ("depsgraph_update_post", _note_change),
    ("undo_post", _note_other_file),
    ("redo_post", _note_other_file),
    ("load_post", _note_other_file),
)


def add_overlay() -> None:
    """Let 3D views draw it; there are none without a window."""
    global _handle  # noqa: PLW0603  Blender hands out what it wants back
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    if not bpy.app.background:
        _handle = bpy.types.SpaceView3D.draw_handler_add(draw, (), "WINDOW", "POST_VIEW")


def remove_overlay() -> None:
    """Undo `add_overlay`."""
    global _handle  # noqa: PLW0603
    if _handle is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handle, "WINDOW")
        _handle = None
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
