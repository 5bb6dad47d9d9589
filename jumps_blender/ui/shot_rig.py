"""The rigs of a batch's template: chosen, mapped and led as in the panel, whose settings the template holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import bpy

from ..blender.retarget.bake import baking
from ..blender.retarget.guide import leading
from ..blender.retarget.mapping import RigMap, from_json
from ..blender.retarget.options import Options
from ..blender.retarget.presets import FOLDER
from ..blender.retarget.target import guess_map, why_not
from ..blender.scene.slices import at_once
from ..errors import InputError
from .addon import preset_content
from .rig_properties import JUMPS_rig_settings, fill, options, rig_map

_LARGE: Final = 1e6
"""Armature units, or times the person's size: beyond, Blender's numbers are no places any more."""

_WORDS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class RigOptions:
    """What is to be led, and how: see `batch.scene.SceneOptions`."""

    rigs: tuple[str, ...] = ()
    preset: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    bake: bool = False

    def check(self) -> None:
        """Raise InputError where the preset or a setting is none that is known."""
        self.saved_map()
        self.values()

    def saved_map(self) -> RigMap | None:
        """The list of bones of the preset: one of the user's, or a file."""
        return from_json(preset_content(FOLDER, self.preset), self.preset) if self.preset else None

    def values(self) -> dict[str, Any]:
        """What settings are set to."""
        return {name: _value(name, text) for name, text in self.settings.items()}


def lead_rigs(context: bpy.types.Context, results: Sequence[bpy.types.Object], asked: RigOptions) -> None:
    """Let each person lead a rig, as long as there are any; raises InputError where one cannot be led."""
    settings: JUMPS_rig_settings = context.scene.jumps_rig  # type: ignore[attr-defined]
    saved = asked.saved_map()
    for name, value in asked.values().items():
        setattr(settings, name, value)
    names = asked.rigs or ((settings.target.name,) if settings.target else ())
    if not names and (saved or asked.settings or asked.bake):
        raise InputError("The template's panel names no rig: choose it as Rig there and save, or name it as --rig.")
    for result, name in zip(results, names, strict=False):
        _choose(settings, result, name, saved)
        rig, how = rig_map(settings), options(settings)
        at_once(leading(context, lambda: (settings.source, settings.target, settings.curve), rig, how))
        if asked.bake:
            at_once(baking(context, lambda: settings.target, lambda _fraction: None))


def _choose(settings: JUMPS_rig_settings, result: bpy.types.Object, name: str, saved: RigMap | None) -> None:
    """Put performance, rig and bones into the panel, where the animator finds them; raises InputError."""
    target: bpy.types.Object | None = bpy.data.objects.get(name)
    if said := why_not(target):
        raise InputError(f"{name!r} cannot be led. {said}.")
    settings.source = result
    if settings.target != target:
        settings.target = target  # which guesses its bones
    if saved:
        fill(settings, saved)
    if target and not len(settings.bones):
        fill(settings, guess_map(target))


def _value(name: str, text: str) -> Any:
    """A setting's value, as its property takes it; raises InputError."""
    known = {each.name for each in fields(Options)}
    if name not in known:
        raise InputError(f"There is no setting {name!r} of a rig; known: {', '.join(sorted(known))}.")
    kind: Any = JUMPS_rig_settings.bl_rna.properties[name]
    try:
        if kind.type == "ENUM":
            return {item.identifier: item.identifier for item in kind.enum_items}[text]
        return _WORDS[text.lower()] if kind.type == "BOOLEAN" else _number(text)
    except (KeyError, ValueError):
        choices = {"ENUM": [item.identifier for item in getattr(kind, "enum_items", ())], "BOOLEAN": ["yes", "no"]}
        expected = ", ".join(choices.get(kind.type, ["a number"]))
        raise InputError(f"{name} cannot be {text!r}; known: {expected}.") from None


def _number(text: str) -> float:
    """A number that a pose can have; raises ValueError."""
    value = float(text)
    if not abs(value) < _LARGE:
        raise ValueError(text)
    return value
