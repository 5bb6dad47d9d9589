"""Where an Action's F-curves lie: in layers, strips and slots since Blender 4.4, in the Action itself until 4.3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import bpy


class Animated(Protocol):
    """An object, or whoever else has an Action as objects have one."""

    @property
    def animation_data(self) -> Any:
        """The Action, its slot since Blender 4.4, and more."""


def slot_of(action: Any) -> Any:
    """The one slot of an Action of ours, made where there is none yet; None in Blender 4.3 and before."""
    if not hasattr(action, "slots"):
        return None
    return action.slots[0] if len(action.slots) else action.slots.new(id_type="OBJECT", name="Armature")


def bag_of(action: Any, slot: Any) -> Any:
    """Where the F-curves of an Action's slot go; made where there is none yet."""
    if not hasattr(action, "layers"):
        return action
    layer = action.layers[0] if len(action.layers) else action.layers.new("Layer")
    strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def timed_fcurves(ob: bpy.types.Object) -> Iterator[tuple[Any, float, float, float]]:
    """F-curves that move the object, each with (start, offset, scale): scene = (frame - offset) x scale + start."""
    animation: Any = ob.animation_data
    if animation is None:
        return
    if animation.action:
        for fcurve in fcurves_of(animation.action, getattr(animation, "action_slot", None)):
            yield fcurve, 0.0, 0.0, 1.0
    for track in animation.nla_tracks:
        for strip in track.strips:
            if strip.action and not track.mute and not strip.mute:
                for fcurve in fcurves_of(strip.action, getattr(strip, "action_slot", None)):
                    yield fcurve, strip.frame_start, strip.action_frame_start, strip.scale


def fcurves_of(action: Any, slot: Any) -> Iterator[Any]:
    """The F-curves of an Action's slot; None is the slot in Blender 4.3 and before."""
    if not hasattr(action, "layers"):
        yield from action.fcurves
        return
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot) if slot else None
            if bag:
                yield from bag.fcurves


def own_fcurves(ob: Animated) -> Iterator[Any]:
    """F-curves of the object's Action."""
    animation: Any = ob.animation_data
    if animation is not None and animation.action:
        yield from fcurves_of(animation.action, getattr(animation, "action_slot", None))
