"""Which armature is the performance and which the rig: as chosen in the panel, else as selection and scene tell.

A guess is shown as one before it is used, it never replaces what was chosen, and of several that may be meant none is
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import bpy

from ..blender.records import RESULT, TRACKS
from ..blender.retarget.guide import GUIDE
from ..blender.scene.present import layer_of, scene_of
from .rig_properties import RIG_PROPERTY


@dataclass(frozen=True)
class Part:
    """A part that an armature plays: its field of the panel, what may play it, and what is said where none does."""

    field: str
    title: str
    fits: Callable[[bpy.types.Object], bool]
    several: str
    none: str


def _is_result(ob: bpy.types.Object) -> bool:
    return ob.get(RESULT) is not None


def _is_rig(ob: bpy.types.Object) -> bool:
    return all(ob.get(key) is None for key in (RESULT, TRACKS, GUIDE))


PERFORMANCE: Final = Part(
    "source", "Performance", _is_result, "results", "upsample an import first, or choose an armature of named joints"
)
RIG: Final = Part("target", "Rig", _is_rig, "armatures", "there is no other armature: add the rig that is to move")
PARTS: Final = (PERFORMANCE, RIG)


def chosen(context: bpy.types.Context, part: Part) -> bpy.types.Object | None:
    """What the panel's field holds, if it is still in the scene."""
    scene = scene_of(context)
    ob: bpy.types.Object | None = getattr(getattr(scene, RIG_PROPERTY), part.field)
    if ob is None or scene.objects.get(ob.name) == ob:
        return ob
    return ob if scene in ob.users_scene else None  # slow, and needed only where others have the same name


def meant(context: bpy.types.Context, part: Part) -> bpy.types.Object | None:
    """What was chosen, else what is guessed."""
    return chosen(context, part) or _guess(context, part)


def offered(context: bpy.types.Context, part: Part) -> bpy.types.Object | None:
    """What the panel offers: the guess for an empty field; for any other what is selected, where that is another."""
    holds = chosen(context, part)
    guessed = _by_selection(context, part) if holds else _guess(context, part)
    return guessed if guessed != holds else None


def why_missing(context: bpy.types.Context, part: Part) -> str:
    """Why nobody plays a part; empty where somebody does."""
    if meant(context, part):
        return ""
    count = len(_fitting(context, part, layer_of(context).objects))
    if count:
        return f"{part.title} is empty, and {count} {part.several} may be meant: select the one, or choose it"
    return f"{part.title} is empty: {part.none}"


def _guess(context: bpy.types.Context, part: Part) -> bpy.types.Object | None:
    layer = layer_of(context)
    if _fitting(context, part, layer.objects.selected):
        return _by_selection(context, part)
    found = _fitting(context, part, layer.objects)
    return found[0] if len(found) == 1 else None


def _by_selection(context: bpy.types.Context, part: Part) -> bpy.types.Object | None:
    """The active one of those that are selected, else the only one."""
    selected = _fitting(context, part, layer_of(context).objects.selected)
    active = layer_of(context).objects.active
    if active in selected:
        return active
    return selected[0] if len(selected) == 1 else None


def _fitting(context: bpy.types.Context, part: Part, among: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """Visible armatures that may play a part, but for the one that was chosen for the other."""
    taken = chosen(context, RIG if part is PERFORMANCE else PERFORMANCE)
    found = [ob for ob in among if ob.type == "ARMATURE" and part.fits(ob) and ob != taken and ob.visible_get()]
    return [ob for ob in found if _made_of(ob) not in found]


def _made_of(ob: bpy.types.Object) -> bpy.types.Object | None:
    """The rig that Rigify made of a meta-rig: that is the one to animate."""
    made: Any = getattr(ob.data, "rigify_target_rig", None)
    return made
