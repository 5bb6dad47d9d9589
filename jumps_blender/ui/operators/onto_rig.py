"""Let a performance lead a rig, and let the rig go."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import StringProperty

from ...blender.retarget import source as performance
from ...blender.retarget import target as rigs
from ...blender.retarget.guide import attach, detach, guide_of, led_by
from ...blender.retarget.presets import FOLDER, load_preset
from ...blender.scene.present import layer_of, scene_of
from ...errors import InputError
from ..addon import preset_folder
from ..rig_properties import JUMPS_rig_settings, fill, options, rig_map
from ..work import busy
from .refusals import allowed, refusing

IN_A_PLANE = "No depth is known, so the motion of {name} lies in a plane"


def rig_settings(context: bpy.types.Context) -> JUMPS_rig_settings:
    """The panel's settings."""
    return scene_of(context).jumps_rig  # type: ignore[attr-defined]


def led_rig(context: bpy.types.Context) -> bpy.types.Object | None:
    """The rig of the panel; without one the active object."""
    return rig_settings(context).target or layer_of(context).objects.active


def why_not_led(context: bpy.types.Context) -> str:
    """Why nothing can be done with what leads the rig; empty where it can."""
    target = led_rig(context)
    if said := busy() or rigs.why_not(target):
        return said
    return "" if target and guide_of(target) else "Nothing leads this rig yet: press Lead Rig first"


class JUMPS_OT_guess_rig(bpy.types.Operator):
    """Fill the list of bones by their names."""

    bl_idname = "jumps.guess_rig"
    bl_label = "Guess Bones"
    bl_description = "Fill the list by what the rig's bones are called; what the list held is lost"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a rig is chosen."""
        return allowed(cls, "" if rig_settings(context).target else "Choose the armature that is to move as Rig")

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Guess."""
        settings = rig_settings(context)
        fill(settings, rigs.guess_map(settings.target))
        found = len(rig_map(settings).bones)
        self.report({"INFO"} if found else {"WARNING"}, f"{found} bones of {settings.target.name} are known")


class JUMPS_OT_lead_rig(bpy.types.Operator):
    """Let the performance lead the rig, by constraints."""

    bl_idname = "jumps.lead_rig"
    bl_label = "Lead Rig"
    bl_description = "Let the performance lead the rig, by constraints; press again after any change of either"
    bl_options = {"UNDO"}

    source: StringProperty(name="Performance", description="Armature of the performance; empty = as in the panel")
    target: StringProperty(name="Rig", description="Armature that is to move; empty = as in the panel")
    preset: StringProperty(name="Preset", description="Saved list of bones; empty = as in the panel")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether nothing is known to be in the way; a script may name what the panel leaves open."""
        settings = rig_settings(context)
        said = busy()
        if settings.source:
            said = said or performance.why_not(settings.source)
        if settings.target:
            said = said or rigs.why_not(settings.target)
        if not bpy.app.background and not (settings.source and settings.target):
            said = said or performance.why_not(settings.source) or rigs.why_not(settings.target)
        if settings.source and settings.source == settings.target:
            said = "Performance and Rig are the same armature: choose another rig"
        return allowed(cls, said)

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Make the guide."""
        settings = rig_settings(context)
        self._choose(settings)
        guide = attach(context, settings.source, settings.target, rig_map(settings), options(settings), settings.curve)
        led = led_by(guide)
        if not led.spatial and not led.flat:
            self.report({"WARNING"}, IN_A_PLANE.format(name=settings.target.name))
        self.report({"INFO"}, f"{settings.source.name} leads {settings.target.name}")

    def _choose(self, settings: Any) -> None:
        """Put what was named into the panel."""
        for role, name in (("source", self.source), ("target", self.target)):
            if name and name not in bpy.data.objects:
                raise InputError(f"There is no object {name!r}.")
            if name and getattr(settings, role) != bpy.data.objects[name]:
                setattr(settings, role, bpy.data.objects[name])
        if self.preset:
            fill(settings, load_preset(preset_folder(FOLDER), self.preset))
        if settings.target and not len(settings.bones):
            fill(settings, rigs.guess_map(settings.target))
        said = performance.why_not(settings.source) or rigs.why_not(settings.target)
        if said:
            raise InputError(f"{said}.")


class JUMPS_OT_free_rig(bpy.types.Operator):
    """Take constraints and guide off the rig."""

    bl_idname = "jumps.free_rig"
    bl_label = "Let Go"
    bl_description = "Take the performance off the rig again; it is as it was before"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the rig is led."""
        return allowed(cls, why_not_led(context))

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Let go."""
        target = led_rig(context)
        assert target
        detach(target)
