"""Let a performance lead a rig, and let the rig go."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, StringProperty

from ...blender.retarget import source as performance
from ...blender.retarget import target as rigs
from ...blender.retarget.guide import Cast, detach, guide_of, leading, led_by
from ...blender.retarget.mapping import RigMap
from ...blender.retarget.presets import FOLDER, load_preset
from ...blender.scene.handles import Handle
from ...blender.scene.present import layer_of, scene_of
from ...blender.scene.slices import Slices
from ...errors import InputError
from ..addon import preset_folder
from ..rig_choice import PARTS, PERFORMANCE, RIG, Part, meant, offered, why_missing
from ..rig_properties import JUMPS_rig_settings, fill, options, rig_map
from ..work import Work, busy
from .in_slices import InSlices
from .refusals import allowed, refusing

IN_A_PLANE = "No depth is known, so the motion of {name} lies in a plane"


def rig_settings(context: bpy.types.Context) -> JUMPS_rig_settings:
    """The panel's settings."""
    return scene_of(context).jumps_rig  # type: ignore[attr-defined]


def led_rig(context: bpy.types.Context) -> bpy.types.Object | None:
    """The rig of the panel, chosen or guessed; without one the active object."""
    return meant(context, RIG) or layer_of(context).objects.active


def why_not_led(context: bpy.types.Context) -> str:
    """Why nothing can be done with what leads the rig; empty where it can."""
    target = led_rig(context)
    if said := busy() or (why_missing(context, RIG) if target is None else rigs.why_not(target)):
        return said
    return "" if target and guide_of(target) else "Nothing leads this rig yet: press Lead Rig first"


class JUMPS_OT_take_armature(bpy.types.Operator):
    """Choose the armature that the panel offers."""

    bl_idname = "jumps.take_armature"
    bl_label = "Use"
    bl_description = "Put the armature that is named here into the field above"
    bl_options = {"UNDO"}

    part: EnumProperty(
        name="Part",
        description="Which field it goes into",
        items=[(part.field, part.title, f"As {part.title}") for part in PARTS],
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether any armature is offered."""
        known = any(offered(context, part) for part in PARTS)
        return allowed(cls, busy() or ("" if known else "Select the armature that is meant"))

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Choose."""
        part = next(part for part in PARTS if part.field == self.part)
        guessed = offered(context, part)
        if guessed is None:
            raise InputError(f"{why_missing(context, part) or f'Nothing else is selected for {part.title}'}.")
        setattr(rig_settings(context), part.field, guessed)


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


class JUMPS_OT_lead_rig(InSlices, bpy.types.Operator):
    """Let the performance lead the rig, by constraints."""

    bl_idname = "jumps.lead_rig"
    bl_label = "Lead Rig"
    bl_description = "Let the performance lead the rig, by constraints; press again after any change of either"
    bl_options = {"UNDO"}

    source: StringProperty(name="Performance", description="Armature of the performance; empty = as in the panel")
    target: StringProperty(name="Rig", description="Armature that is to move; empty = as in the panel")
    preset: StringProperty(name="Preset", description="Saved list of bones; empty = as in the panel")

    title = "Leading the rig"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether nothing is known to be in the way; a script may name what the panel leaves open."""
        source, target = meant(context, PERFORMANCE), meant(context, RIG)
        said = busy()
        if source:
            said = said or performance.why_not(source)
        if target:
            said = said or rigs.why_not(target)
        if not bpy.app.background:
            said = said or why_missing(context, PERFORMANCE) or why_missing(context, RIG)
        if source and source == target:
            said = "Performance and Rig are the same armature: choose another rig"
        return allowed(cls, said)

    def slices(self, context: bpy.types.Context, _work: Work, seconds: float) -> Slices[str]:
        """Make the guide, and put into the panel what was named or guessed."""
        source, target = (Handle.of(ob).find for ob in self._parts(context))
        rig, settings = self._map(context, target()), rig_settings(context)

        def cast() -> Cast:
            return source(), target(), rig_settings(context).curve

        yield from leading(context, cast, rig, options(settings), seconds)
        self._choose(rig_settings(context), source(), target(), rig)
        guide = guide_of(target())
        assert guide
        led = led_by(guide)
        if not led.spatial and not led.flat:
            self.report({"WARNING"}, IN_A_PLANE.format(name=target().name))
        return f"{source().name} leads {target().name}"

    def _parts(self, context: bpy.types.Context) -> tuple[bpy.types.Object, bpy.types.Object]:
        """Performance and rig, named or as in the panel; raises InputError."""
        source, target = self._part(context, PERFORMANCE, self.source), self._part(context, RIG, self.target)
        if said := performance.why_not(source) or rigs.why_not(target):
            raise InputError(f"{said}.")
        return source, target

    def _part(self, context: bpy.types.Context, part: Part, name: str) -> bpy.types.Object:
        found: bpy.types.Object | None = bpy.data.objects.get(name) if name else meant(context, part)
        if found is None:
            raise InputError(f"There is no object {name!r}." if name else f"{why_missing(context, part)}.")
        return found

    def _map(self, context: bpy.types.Context, target: bpy.types.Object) -> RigMap:
        """The preset that was named, else the panel's list of this rig's bones, else what they are called."""
        settings = rig_settings(context)
        if self.preset:
            return load_preset(preset_folder(FOLDER), self.preset)
        return rig_map(settings) if settings.target == target and len(settings.bones) else rigs.guess_map(target)

    def _choose(
        self, settings: JUMPS_rig_settings, source: bpy.types.Object, target: bpy.types.Object, rig: RigMap
    ) -> None:
        """Put into the panel what was named, or guessed."""
        if settings.source != source:
            settings.source = source
        if settings.target != target:
            settings.target = target  # which guesses its bones
        if rig_map(settings) != rig:
            fill(settings, rig)


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
