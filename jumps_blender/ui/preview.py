"""What is finished while a clip is being solved: the skeleton in 3D views, and in timelines how far it has come.

It is only drawn: nothing of it is in the scene, in the steps of undo, or in a file that is saved meanwhile.
"""

from __future__ import annotations

from typing import Any, Final

import bpy
import numpy as np

from ..errors import InputError
from .jobs import STATE, Job

COLOUR: Final = (1.0, 0.72, 0.15, 0.95)
UNFINISHED: Final = (1.0, 0.72, 0.15, 0.2)

WIDTH: Final = 3.0
"""Pixels at scale 1: of the skeleton's lines, and of the bar in timelines."""

SCRUBBER: Final = 25.0
"""Pixels at scale 1 of a timeline's upper edge, where the frames' numbers are."""

_handles: list[tuple[Any, Any]] = []


def draw_skeleton() -> None:
    """Draw the skeleton of the current frame in a 3D view, once that is finished."""
    context, job = bpy.context, STATE.job
    if job is None or job.preview is None or context.scene is None:
        return
    ends = job.preview.lines(context.scene.frame_current_final)
    if len(ends):
        _draw_lines(context, ends, _standpoint(context, job))


def draw_bar() -> None:
    """Draw in a timeline which frames are being solved, and which of them are finished."""
    context, job = bpy.context, STATE.job
    region = context.region
    if job is None or job.preview is None or region is None or not region.view2d:
        return
    scale = context.preferences.system.ui_scale
    top = region.height - SCRUBBER * scale
    for span, colour in ((job.preview.whole, UNFINISHED), (job.preview.span, COLOUR)):
        if span is not None:
            left, right = (region.view2d.view_to_region(frame, 0, clip=False)[0] for frame in span)
            _draw_box((left, top - WIDTH * scale), (max(right, left + 1), top), colour)


def _standpoint(context: bpy.types.Context, job: Job) -> Any:
    """Where the armature stands that is being upsampled; nowhere in particular once it is gone."""
    import mathutils

    try:
        source = job.source.find()
    except InputError:
        return mathutils.Matrix()
    return source.evaluated_get(context.evaluated_depsgraph_get()).matrix_world


def _draw_lines(context: bpy.types.Context, ends: np.ndarray, matrix: Any) -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader: Any = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    state: Any = gpu.state
    shader.uniform_float("lineWidth", WIDTH * context.preferences.system.ui_scale)
    shader.uniform_float("viewportSize", state.viewport_get()[2:])
    shader.uniform_float("color", COLOUR)
    state.blend_set("ALPHA")
    transform: Any = gpu.matrix
    with transform.push_pop():
        transform.multiply_matrix(matrix)
        batch_for_shader(shader, "LINES", {"pos": ends.astype(np.float32)}).draw(shader)
    state.blend_set("NONE")


def _draw_box(low: tuple[float, float], high: tuple[float, float], colour: tuple[float, ...]) -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader: Any = gpu.shader.from_builtin("UNIFORM_COLOR")
    state: Any = gpu.state
    shader.uniform_float("color", colour)
    state.blend_set("ALPHA")
    corners = [low, (high[0], low[1]), high, (low[0], high[1])]
    batch_for_shader(shader, "TRIS", {"pos": corners}, indices=[(0, 1, 2), (0, 2, 3)]).draw(shader)
    state.blend_set("NONE")


def add_preview() -> None:
    """Let 3D views and timelines draw it; there are none without a window."""
    if bpy.app.background:
        return
    for space, draw, when in (
        (bpy.types.SpaceView3D, draw_skeleton, "POST_VIEW"),
        (bpy.types.SpaceDopeSheetEditor, draw_bar, "POST_PIXEL"),
    ):
        _handles.append((space, space.draw_handler_add(draw, (), "WINDOW", when)))


def remove_preview() -> None:
    """Undo `add_preview`."""
    while _handles:
        space, handle = _handles.pop()
        space.draw_handler_remove(handle, "WINDOW")
