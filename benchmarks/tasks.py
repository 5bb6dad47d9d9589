"""What goes on in slices in a window beside the solve, and how long Blender waits for each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from .took import Took


class _Operator:
    """An operator as Blender would make it, but for Blender: its methods, its options, and nobody to tell."""

    def __init__(self, cls: Any, **options: Any) -> None:
        self._cls = cls
        self.__dict__.update(options)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._cls, name)
        return found.__get__(self) if callable(found) else found

    def report(self, _kind: set[str], _text: str) -> None:
        """Nobody listens."""


def tasks_in_slices(bpy: Any, source: Any, result: Any, draw: Callable[[], object]) -> dict[str, Took]:
    """The longest block of each, by the button's name, how the panels are drawn afterwards among them.

    A hand of the result is pinned afterwards; its feet and keys are as before.
    """
    found = {cls.bl_label: _longest(bpy, cls, options, draw) for cls, options in _tasks(bpy, source, result, draw)}
    return found | _with_a_rig(bpy, result, draw)


def _tasks(bpy: Any, source: Any, result: Any, draw: Callable[[], object]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The operators with their options, each once the right armature is active and was drawn."""
    from jumps_blender.ui.operators.feet import JUMPS_OT_free_feet, JUMPS_OT_lock_feet
    from jumps_blender.ui.operators.look import JUMPS_OT_check_tracks
    from jumps_blender.ui.operators.resolve import JUMPS_OT_resolve
    from jumps_blender.ui.operators.simplify import JUMPS_OT_restore_keys, JUMPS_OT_simplify

    layer = bpy.context.view_layer
    layer.objects.active = source
    draw()
    yield JUMPS_OT_check_tracks, {}
    layer.objects.active = result
    _move(bpy, result)
    draw()
    yield JUMPS_OT_resolve, {}
    yield JUMPS_OT_lock_feet, {"speed": 1.0, "strength": 1.0}
    yield JUMPS_OT_free_feet, {}
    yield JUMPS_OT_simplify, {"unit": "PIXELS", "pixels": 1.0, "distance": 0.005}
    yield JUMPS_OT_restore_keys, {}


def _with_a_rig(bpy: Any, result: Any, draw: Callable[[], object]) -> dict[str, Took]:
    """Let the result lead a rig, and lock feet while it does; the rig is gone afterwards."""
    from demo.figures import MIXAMO, make_figure
    from jumps_blender.ui.operators.feet import JUMPS_OT_free_feet, JUMPS_OT_lock_feet
    from jumps_blender.ui.operators.onto_rig import JUMPS_OT_lead_rig

    figure = make_figure("follower", MIXAMO)
    named = {"source": result.name, "target": figure.name, "preset": ""}
    found = {JUMPS_OT_lead_rig.bl_label: _longest(bpy, JUMPS_OT_lead_rig, named, draw)}
    bpy.context.view_layer.objects.active = result
    label = f"{JUMPS_OT_lock_feet.bl_label}, and a rig follows"
    found[label] = _longest(bpy, JUMPS_OT_lock_feet, {"speed": 1.0, "strength": 1.0}, draw)
    _longest(bpy, JUMPS_OT_free_feet, {}, draw)
    bpy.ops.jumps.free_rig()
    bpy.data.objects.remove(figure)
    bpy.context.view_layer.objects.active = result
    return found


def _move(bpy: Any, result: Any) -> None:
    """Move a hand in the middle, as an animator does."""
    first, last = result.animation_data.action.frame_range
    middle, hand = round((first + last) / 2), result.pose.bones["right_hand"]
    bpy.context.scene.frame_set(middle)
    hand.location[0] += 0.2
    hand.keyframe_insert("location", frame=middle)


def _longest(bpy: Any, cls: Any, options: dict[str, Any], draw: Callable[[], object]) -> Took:
    from jumps_blender.errors import JumpsError
    from jumps_blender.ui.operators.in_slices import SHORT, TICK
    from jumps_blender.ui.work import Work

    work, operator, ticks = Work(cls.title), _Operator(cls, **options), []
    work.start(operator.slices(bpy.context, work, cls.longest))
    with suppress(JumpsError):  # nobody stands still in a clip that is too short
        while work.said is None:
            ticks.append(Took.of(lambda: work.tick(SHORT)))
            time.sleep(TICK)
    ticks.append(Took.of(draw))
    bpy.ops.ed.undo_push(message=cls.title)
    return max(ticks, key=lambda took: took.processor)
