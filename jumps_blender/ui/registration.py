"""All that Blender is told of, in order; taken back in exactly the reverse order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import bpy

from ..blender.retarget.follow import add_following, remove_following
from . import command_line
from .errand import DIAGNOSTICS, RUNTIME
from .jobs import STATE
from .operators.bake_rig import JUMPS_OT_bake_rig
from .operators.diagnostics import JUMPS_OT_copy_diagnostics, draw_help
from .operators.drop_tracks import JUMPS_FH_tracks, JUMPS_OT_drop_tracks
from .operators.feet import JUMPS_OT_free_feet, JUMPS_OT_lock_feet
from .operators.footage import JUMPS_OT_add_footage, JUMPS_OT_remove_footage
from .operators.import_tracks import JUMPS_OT_import_tracks, close_dialog, draw_menu
from .operators.look import (
    JUMPS_OT_check_tracks,
    JUMPS_OT_colour_bones,
    JUMPS_OT_jump_pin,
    JUMPS_OT_jump_problem,
)
from .operators.mend import JUMPS_OT_ignore_joints, JUMPS_OT_swap_sides, JUMPS_OT_use_joints
from .operators.onto_rig import (
    JUMPS_OT_free_rig,
    JUMPS_OT_guess_rig,
    JUMPS_OT_lead_rig,
    JUMPS_OT_take_armature,
)
from .operators.push_down import JUMPS_OT_push_down
from .operators.resolve import JUMPS_OT_resolve, JUMPS_OT_unpin
from .operators.rig_presets import (
    JUMPS_MT_rig_presets,
    JUMPS_OT_forget_rig,
    JUMPS_OT_load_rig,
    JUMPS_OT_save_rig,
)
from .operators.runtime import (
    JUMPS_OT_cancel_runtime,
    JUMPS_OT_check_runtime,
    JUMPS_OT_install_runtime,
    JUMPS_OT_install_runtime_from_wheels,
    JUMPS_OT_remove_runtime,
    JUMPS_OT_use_runtime,
)
from .operators.simplify import JUMPS_OT_restore_keys, JUMPS_OT_simplify
from .operators.solve_presets import (
    JUMPS_MT_settings_presets,
    JUMPS_OT_forget_settings,
    JUMPS_OT_load_settings,
    JUMPS_OT_save_settings,
)
from .operators.to_source import JUMPS_OT_to_source
from .operators.uncertainty import JUMPS_OT_key_uncertainty
from .operators.upsample import JUMPS_OT_cancel, JUMPS_OT_keep, JUMPS_OT_upsample
from .overlay import add_overlay, remove_overlay
from .panels.footage import JUMPS_PT_footage
from .panels.mend import JUMPS_PT_mend, JUMPS_PT_problems
from .panels.result import JUMPS_PT_result
from .panels.rig import JUMPS_PT_rig, JUMPS_PT_rig_bones, JUMPS_UL_rig_bones
from .panels.upsample import JUMPS_PT_upsample
from .point_names import JUMPS_point_name
from .preferences import JUMPS_preferences
from .preview import add_preview, remove_preview
from .properties import JUMPS_scene_settings, add_properties, remove_properties
from .rig_properties import JUMPS_rig_bone, JUMPS_rig_settings, add_rig_properties, remove_rig_properties
from .translations import add_translations, remove_translations
from .work import WORKING

CLASSES: Final[tuple[type, ...]] = (
    JUMPS_preferences,
    JUMPS_scene_settings,
    JUMPS_point_name,
    JUMPS_OT_import_tracks,
    JUMPS_OT_drop_tracks,
    JUMPS_FH_tracks,
    JUMPS_OT_upsample,
    JUMPS_OT_cancel,
    JUMPS_OT_keep,
    JUMPS_OT_to_source,
    JUMPS_OT_save_settings,
    JUMPS_OT_load_settings,
    JUMPS_OT_forget_settings,
    JUMPS_MT_settings_presets,
    JUMPS_OT_add_footage,
    JUMPS_OT_remove_footage,
    JUMPS_OT_resolve,
    JUMPS_OT_unpin,
    JUMPS_OT_lock_feet,
    JUMPS_OT_free_feet,
    JUMPS_OT_simplify,
    JUMPS_OT_restore_keys,
    JUMPS_OT_push_down,
    JUMPS_OT_key_uncertainty,
    JUMPS_PT_upsample,
    JUMPS_PT_footage,
    JUMPS_OT_check_tracks,
    JUMPS_OT_colour_bones,
    JUMPS_OT_jump_problem,
    JUMPS_OT_jump_pin,
    JUMPS_OT_swap_sides,
    JUMPS_OT_ignore_joints,
    JUMPS_OT_use_joints,
    JUMPS_PT_mend,
    JUMPS_PT_problems,
    JUMPS_PT_result,
    JUMPS_rig_bone,
    JUMPS_rig_settings,
    JUMPS_OT_take_armature,
    JUMPS_OT_guess_rig,
    JUMPS_OT_lead_rig,
    JUMPS_OT_bake_rig,
    JUMPS_OT_free_rig,
    JUMPS_OT_save_rig,
    JUMPS_OT_load_rig,
    JUMPS_OT_forget_rig,
    JUMPS_MT_rig_presets,
    JUMPS_UL_rig_bones,
    JUMPS_PT_rig,
    JUMPS_PT_rig_bones,
    JUMPS_OT_install_runtime,
    JUMPS_OT_install_runtime_from_wheels,
    JUMPS_OT_cancel_runtime,
    JUMPS_OT_use_runtime,
    JUMPS_OT_check_runtime,
    JUMPS_OT_remove_runtime,
    JUMPS_OT_copy_diagnostics,
)

Step = tuple[Callable[[], object], Callable[[], object]]


def _steps() -> list[Step]:
    """What to do, each with what undoes it."""
    menu, helps = bpy.types.TOPBAR_MT_file_import, bpy.types.TOPBAR_MT_help
    return [
        *((partial(bpy.utils.register_class, cls), partial(bpy.utils.unregister_class, cls)) for cls in CLASSES),
        (add_translations, remove_translations),
        (add_properties, remove_properties),
        (add_rig_properties, remove_rig_properties),
        (add_following, remove_following),
        (add_overlay, remove_overlay),
        (add_preview, remove_preview),
        (lambda: menu.append(draw_menu), lambda: menu.remove(draw_menu)),
        (lambda: helps.append(draw_help), lambda: helps.remove(draw_help)),
        (command_line.register, command_line.unregister),
    ]


def register() -> None:
    """Register all; where one step fails, take back those before and raise."""
    done: list[Step] = []
    try:
        for step in _steps():
            step[0]()
            done.append(step)
    except BaseException:
        for step in reversed(done):
            step[1]()
        raise


def unregister() -> None:
    """Stop what runs and take back all of `register`."""
    for running in (STATE, WORKING, RUNTIME, DIAGNOSTICS):
        running.drop()
    close_dialog()
    for step in reversed(_steps()):
        step[1]()
