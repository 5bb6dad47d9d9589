"""Lay a video, or images, behind the joints of an armature, and take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty
from bpy_extras.io_utils import ImportHelper

from ...blender.footage import Kind, Wishes, add_footage, footage_of, has_keypoints, remove_footage
from ...blender.scene.present import layer_of, scene_of
from ...errors import JumpsError

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

KINDS: Final = (
    ("PLANE", "Reference Plane", "An image in the armature's plane, behind all else, which follows the armature"),
    ("CAMERA", "Camera Background", "The background of a new camera that sees the armature's plane as the video does"),
)

NO_KEYPOINTS: Final = "Select an imported armature, or a result made of one"


class JUMPS_OT_add_footage(bpy.types.Operator, ImportHelper):  # type: ignore[misc]  # of the stubs' signatures
    """Show a video, or a sequence of images, in register with the joints of the active armature."""

    bl_idname = "jumps.add_footage"
    bl_label = "Add Footage"
    bl_description = (
        "Show a video, or a sequence of images, behind the active armature: each joint over its pixel, each frame at "
        "its time. It takes the place of the footage that the armature had"
    )
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ""
    check_extension = None
    filter_movie: BoolProperty(default=True, options={"HIDDEN"})
    filter_image: BoolProperty(default=True, options={"HIDDEN"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})
    kind: EnumProperty(name="Show As", description="How the footage is shown", items=KINDS, default="PLANE")
    pace: EnumProperty(
        name="Pace",
        description="Which picture belongs to which keypoints where their frame rates differ",
        items=(
            ("AUTO", "Automatic", "By time; by frames where there are as many, or the keypoints know no frame rate"),
            ("FRAME", "By Frames", "A picture for each frame of the keypoints, whatever the rates"),
            ("TIME", "By Time", "The picture of the same time"),
        ),
        default="AUTO",
    )
    shift: IntProperty(
        name="Shift",
        description="Frames by which the footage runs ahead of the keypoints; -1 where their file counts frames from "
        "1, as YOLO's do",
        default=0,
    )
    turns: EnumProperty(
        name="Turn",
        description="Turn the footage clockwise, beyond what the file itself asks for",
        items=(
            ("0", "As Filmed", "As the file asks for, or as the image of the keypoints lies"),
            ("1", "90°", "A quarter turn clockwise"),
            ("2", "180°", "Upside down"),
            ("3", "270°", "A quarter turn counterclockwise"),
        ),
        default="0",
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the active armature has keypoints."""
        if not has_keypoints(layer_of(context).objects.active):
            cls.poll_message_set(NO_KEYPOINTS)
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Add it."""
        ob = layer_of(context).objects.active
        assert ob
        wishes = Wishes(int(self.turns), self.pace, self.shift)
        try:
            show_footage(self, context, ob, self.filepath, self.kind, wishes)  # type: ignore[attr-defined]
        except JumpsError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class JUMPS_OT_remove_footage(bpy.types.Operator):
    """Take the footage of the active armature away."""

    bl_idname = "jumps.remove_footage"
    bl_label = "Remove Footage"
    bl_description = "Take the footage of the active armature away, and the camera that was made for it"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the active armature has footage."""
        ob = layer_of(context).objects.active
        if ob is None or footage_of(ob) is None:
            cls.poll_message_set("The active armature has no footage")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Remove it."""
        ob = layer_of(context).objects.active
        assert ob
        remove_footage(ob)
        look_away(context)
        return {"FINISHED"}


def show_footage(
    operator: bpy.types.Operator, context: bpy.types.Context, ob: bpy.types.Object, path: str, kind: Kind,
    wishes: Wishes | None = None,
) -> None:  # fmt: skip
    """Add footage to an armature, report what was recognised, and look through its camera; raises InputError."""
    footage = add_footage(context, ob, path, kind, wishes)
    look_away(context)
    if kind == "CAMERA":
        look_through(context, footage.ob)
    for warning in footage.warnings:
        operator.report({"WARNING"}, warning)
    operator.report({"INFO"}, f"Added {footage.ob.name}: {footage.about}")


def look_through(context: bpy.types.Context, camera: bpy.types.Object) -> None:
    """Look through a camera in the 3D view at hand; the scene's camera it becomes only where there is none."""
    scene, view = scene_of(context), context.space_data
    if scene.camera is None:
        scene.camera = camera
    if not isinstance(view, bpy.types.SpaceView3D):
        return
    if scene.camera != camera:
        view.use_local_camera = True
        view.camera = camera
    region: Any = view.region_3d
    region.view_perspective = "CAMERA"


def look_away(context: bpy.types.Context) -> None:
    """Let no 3D view go on looking through a camera that is gone."""
    scene = scene_of(context)
    for screen in bpy.data.screens:
        for view in (area.spaces.active for area in screen.areas if area.type == "VIEW_3D"):
            if not isinstance(view, bpy.types.SpaceView3D):
                continue
            if view.use_local_camera and view.camera is None:
                view.use_local_camera = False
            region: Any = view.region_3d
            if region.view_perspective == "CAMERA" and scene.camera is None and not view.use_local_camera:
                region.view_perspective = "PERSP"
