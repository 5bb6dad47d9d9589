"""Save, load and forget settings of the solver."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from ...blender.results.solve_presets import FOLDER, SolvePreset, from_json, to_json
from ...blender.scene.present import scene_of
from ...blender.scene.preset_files import PresetFiles
from ..addon import preset_folder
from ..properties import SCENE_PROPERTY
from .refusals import refusing

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class JUMPS_OT_save_settings(bpy.types.Operator):
    """Save the settings under a name."""

    bl_idname = "jumps.save_settings"
    bl_label = "Save Preset"
    bl_description = "Save quality, smoothness and frames under a name, for any file"
    bl_options = {"UNDO"}

    preset: StringProperty(name="Name", description="Name of the preset; one of the same name is replaced")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Ask for the name."""
        self.preset = self.preset or _settings(context).preset or "My Settings"
        return context.window_manager.invoke_props_dialog(self)

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Save."""
        settings = _settings(context)
        told = {name: getattr(settings, name) for name in SolvePreset.__dataclass_fields__}
        told["smoothness"] = round(told["smoothness"], 6)  # the property is a float32
        files = PresetFiles(preset_folder(FOLDER, create=True))
        settings.preset = files.save(self.preset, to_json(SolvePreset(**told)))
        self.report({"INFO"}, f"Saved the preset {settings.preset}")


class JUMPS_OT_load_settings(bpy.types.Operator):
    """Set quality, smoothness and frames as a preset says."""

    bl_idname = "jumps.load_settings"
    bl_label = "Load Preset"
    bl_description = "Set quality, smoothness and frames as this preset says"
    bl_options = {"UNDO"}

    preset: StringProperty(name="Name", description="Name of the preset")

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Load."""
        settings = _settings(context)
        preset = from_json(PresetFiles(preset_folder(FOLDER)).load(self.preset), self.preset)
        for name, value in asdict(preset).items():
            setattr(settings, name, value)
        settings.preset = self.preset


class JUMPS_OT_forget_settings(bpy.types.Operator):
    """Remove a preset."""

    bl_idname = "jumps.forget_settings"
    bl_label = "Remove Preset"
    bl_description = "Remove the preset that was loaded last from the disk; the settings stay"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there is such a preset."""
        known = _settings(context).preset in PresetFiles(preset_folder(FOLDER)).names()
        if not known:
            cls.poll_message_set("No preset was loaded or saved that could be removed")
        return known

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Remove."""
        settings = _settings(context)
        PresetFiles(preset_folder(FOLDER)).remove(settings.preset)
        settings.preset = ""


class JUMPS_MT_settings_presets(bpy.types.Menu):
    """The saved presets."""

    bl_idname = "JUMPS_MT_settings_presets"
    bl_label = "Presets"
    bl_description = "Quality, smoothness and frames as they were saved"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the menu."""
        layout = self.layout
        assert layout
        names = PresetFiles(preset_folder(FOLDER)).names()
        if not names:
            layout.label(text="None is saved: set the panel, and press + beside this")
        for name in names:
            operator = layout.operator(JUMPS_OT_load_settings.bl_idname, text=name, translate=False)
            operator.preset = name


def _settings(context: bpy.types.Context) -> Any:
    return getattr(scene_of(context), SCENE_PROPERTY)
