"""Save, load and forget lists of bones."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...blender.retarget.presets import FOLDER, load_preset, preset_names, remove_preset, save_preset
from ..addon import preset_folder
from ..rig_properties import fill, rig_map
from .onto_rig import rig_settings
from .refusals import allowed, refusing


class JUMPS_OT_save_rig(bpy.types.Operator):
    """Save the list of bones under a name."""

    bl_idname = "jumps.save_rig"
    bl_label = "Save Preset"
    bl_description = "Save the list of bones under this name, for any rig that calls its bones the same"
    bl_options = {"UNDO"}

    preset: StringProperty(name="Name", description="Name of the preset; empty = as in the panel")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there is a list."""
        listed = any(line.bone for line in rig_settings(context).bones)
        return allowed(cls, "" if listed else "The list names no bone: choose a rig, or guess its bones")

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Save."""
        settings = rig_settings(context)
        wish = self.preset or settings.preset or (settings.target.name if settings.target else "")
        settings.preset = save_preset(preset_folder(FOLDER, create=True), wish, rig_map(settings))
        self.report({"INFO"}, f"Saved the preset {settings.preset}")


class JUMPS_OT_load_rig(bpy.types.Operator):
    """Fill the list of bones from a preset."""

    bl_idname = "jumps.load_rig"
    bl_label = "Load Preset"
    bl_description = "Fill the list of bones from this preset"
    bl_options = {"UNDO"}

    preset: StringProperty(name="Name", description="Name of the preset")

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Load."""
        settings = rig_settings(context)
        fill(settings, load_preset(preset_folder(FOLDER), self.preset))
        settings.preset = self.preset


class JUMPS_OT_forget_rig(bpy.types.Operator):
    """Remove a preset."""

    bl_idname = "jumps.forget_rig"
    bl_label = "Remove Preset"
    bl_description = "Remove the preset of this name from the disk; the list of bones stays"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there is a preset of the name in the panel."""
        known = rig_settings(context).preset in preset_names(preset_folder(FOLDER))
        return allowed(cls, "" if known else "No preset of this name is saved")

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Remove."""
        remove_preset(preset_folder(FOLDER), rig_settings(context).preset)


class JUMPS_MT_rig_presets(bpy.types.Menu):
    """The saved presets."""

    bl_idname = "JUMPS_MT_rig_presets"
    bl_label = "Presets"
    bl_description = "Lists of bones that were saved"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the menu."""
        layout = self.layout
        assert layout
        names = preset_names(preset_folder(FOLDER))
        if not names:
            layout.label(text="None is saved")
        for name in names:
            operator = layout.operator(JUMPS_OT_load_rig.bl_idname, text=name, translate=False)
            operator.preset = name
