"""Install, check, use and remove the GPU runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import StringProperty

from ...errors import JumpsError
from ...runtime.check import check
from ...runtime.environment import Ready, RuntimeFolder, State
from ...runtime.install import Source, install
from ...runtime.pins import TORCH, expected_amount
from ...runtime.task import Work
from ..addon import preferences_of, user_folder
from ..errand import RUNTIME, run
from ..text import draw_paragraph

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

BUSY: Final = "The runtime is being worked on: wait until that has ended, or cancel it"
OFFLINE: Final = (
    "Blender may not go online: allow it under Preferences > System > Network, or install from a folder of wheels"
)
_DIALOG: Final = 480
"""Pixels at scale 1."""

_NO_ICON: Final = 60
"""Pixels that a paragraph keeps free for a box and an icon, which the dialog has not."""


def runtime_folder() -> RuntimeFolder:
    """Where the runtime is, or would be."""
    return RuntimeFolder(user_folder() / "runtime")


def _is_free(operator: type[bpy.types.Operator]) -> bool:
    if RUNTIME.task:
        operator.poll_message_set(BUSY)
    return RUNTIME.task is None


def _is_ready(operator: type[bpy.types.Operator]) -> bool:
    ready = runtime_folder().state() is State.READY
    if not ready:
        operator.poll_message_set("There is no finished runtime: install it first")
    return ready and _is_free(operator)


def _use(ready: Ready) -> str:
    """Let the runtime solve from now on."""
    preferences = preferences_of(bpy.context)
    if preferences is None:
        return f"{ready} is installed"
    preferences.interpreter = str(runtime_folder().python)
    bpy.context.preferences.is_dirty = True
    return f"{ready} solves from now on"


def _do(operator: bpy.types.Operator, work: Work[Any], finish: Any) -> set[OperatorReturnItems]:
    """Do it beside Blender; to its end where there is no window."""
    if not bpy.app.background:
        RUNTIME.start(work, finish)
        return {"FINISHED"}
    try:
        operator.report({"INFO"}, run(work, finish))
    except JumpsError as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    return {"FINISHED"}


def _install(operator: bpy.types.Operator, source: Source) -> set[OperatorReturnItems]:
    folder = runtime_folder()
    return _do(operator, lambda progress, cancel: install(folder, source, progress, cancel), _use)


class JUMPS_OT_install_runtime(bpy.types.Operator):
    """Download PyTorch into an environment of its own."""

    bl_idname = "jumps.install_runtime"
    bl_label = "Install GPU Runtime"
    bl_description = "Download PyTorch into an environment of its own and solve with it; asks before it begins"

    extra_index: StringProperty(
        name="Extra Index",
        description="Address of a further package index that has builds for your GPU, as PyTorch's site names it for "
        "CUDA on Windows and for ROCm; empty = none",
        options={"SKIP_SAVE"},
    )
    python: StringProperty(
        name="Made With",
        description="Python, 3.10 or newer, that the environment is made with; empty = Blender's own",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether Blender may go online and nothing runs."""
        if not bpy.app.online_access:
            cls.poll_message_set(OFFLINE)
            return False
        return _is_free(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Ask first."""
        manager = context.window_manager
        return manager.invoke_props_dialog(self, width=_DIALOG, confirm_text="Download and Install")

    def draw(self, context: bpy.types.Context) -> None:
        """Say what is downloaded, how much, from where, and where it goes."""
        column = self.layout.column()
        for text in consent():
            draw_paragraph(context, column, text, width=_DIALOG + _NO_ICON)
        column.label(text=str(runtime_folder().root), icon="FILE_FOLDER", translate=False)
        column.separator()
        column.use_property_split = True
        column.prop(self, "extra_index")
        column.prop(self, "python")

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Install."""
        return _install(self, Source(None, self.extra_index.strip(), bpy.path.abspath(self.python)))


def consent() -> tuple[str, ...]:
    """What somebody agrees to who installs from the network."""
    return (
        f"PyTorch {TORCH} and the packages it needs: {expected_amount()}.",
        "From the Python package index that pip uses on this computer, and from the extra index, if you give one.",
        "Afterwards it solves a short clip, and is used if that comes out right. Blender can be used meanwhile.",
        "Blender's own Python and other add-ons are not touched: all goes into this folder, and Remove takes it away.",
    )


class JUMPS_OT_install_runtime_from_wheels(bpy.types.Operator):
    """Install the runtime from a folder, without network."""

    bl_idname = "jumps.install_runtime_from_wheels"
    bl_label = "Install from Wheels"
    bl_description = "Choose a folder that holds the wheels of PyTorch and what it needs; nothing is downloaded"

    directory: StringProperty(
        name="Folder", description="Folder that holds the wheels", subtype="DIR_PATH", options={"SKIP_SAVE"}
    )
    python: StringProperty(
        name="Made With",
        description="Python, 3.10 or newer, that the environment is made with; empty = Blender's own",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether nothing runs."""
        return _is_free(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Ask for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Install."""
        try:
            source = Source(Path(bpy.path.abspath(self.directory)), "", bpy.path.abspath(self.python)).checked()
        except JumpsError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return _install(self, source)


class JUMPS_OT_cancel_runtime(bpy.types.Operator):
    """Stop installing."""

    bl_idname = "jumps.cancel_runtime"
    bl_label = "Cancel"
    bl_description = "Stop; what was downloaded is kept for the next time"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether anything runs."""
        if not RUNTIME.task:
            cls.poll_message_set("Nothing is being installed")
        return RUNTIME.task is not None

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Ask it to stop."""
        if RUNTIME.task:
            RUNTIME.task.cancel()
        return {"FINISHED"}


class JUMPS_OT_use_runtime(bpy.types.Operator):
    """Solve with the runtime."""

    bl_idname = "jumps.use_runtime"
    bl_label = "Use Runtime"
    bl_description = "Solve with the runtime from now on"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether there is one."""
        return _is_ready(cls)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Use it."""
        ready = runtime_folder().ready()
        if ready is None:
            return {"CANCELLED"}
        self.report({"INFO"}, _use(ready))
        return {"FINISHED"}


class JUMPS_OT_check_runtime(bpy.types.Operator):
    """Check the runtime again."""

    bl_idname = "jumps.check_runtime"
    bl_label = "Check"
    bl_description = "Solve a short clip with the runtime and with Blender's own Python, and compare"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether there is one."""
        return _is_ready(cls)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Check."""
        python = str(runtime_folder().python)
        return _do(
            self,
            lambda _progress, cancel: check(python, cancel),
            lambda ready: f"{ready} solves as numpy does, to {ready.difference:.1g} of a head",
        )


class JUMPS_OT_remove_runtime(bpy.types.Operator):
    """Remove the runtime."""

    bl_idname = "jumps.remove_runtime"
    bl_label = "Remove Runtime"
    bl_description = "Delete the runtime and all that was downloaded for it; Blender's own Python solves from then on"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether there is anything to remove."""
        if runtime_folder().state() is State.ABSENT:
            cls.poll_message_set("There is no runtime")
            return False
        return _is_free(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Remove."""
        folder, preferences = runtime_folder(), preferences_of(context)
        if preferences is not None and Path(preferences.interpreter) == folder.python:
            preferences.property_unset("interpreter")
            context.preferences.is_dirty = True
        return _do(self, lambda _progress, _cancel: _removed(folder), str)


def _removed(folder: RuntimeFolder) -> str:
    folder.remove()
    return "The runtime was removed; Blender's own Python solves"
