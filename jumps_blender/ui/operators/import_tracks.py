"""Import people of a keypoint file as keyed armatures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    BoolProperty,
    BoolVectorProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    IntVectorProperty,
    StringProperty,
)
from bpy_extras.io_utils import ImportHelper

from ...blender.records import tracks_header
from ...blender.scene.present import scene_of
from ...blender.scene.scene_state import make_active
from ...blender.scene.video import look_at as look_at_video
from ...blender.tracks.crowd import Crowd, import_people
from ...blender.tracks.people import ImportOptions, last_key
from ...blender.tracks.states import states_of
from ...core.body.joint_sets import JOINT_SETS
from ...core.body.tracks import CONFIDENCE_THRESHOLD, Tracks
from ...core.clips.clip import check_rate
from ...errors import InputError, JumpsError
from ...formats import UPS, VIEWS, Recording
from ...formats.people_choice import EVERYBODY, chosen
from ...formats.source import SUFFIXES
from ..import_dialog import WIDTH, choice_of, draw_dialog, path_of, people_found, stop_redrawing, tick, ticks
from ..point_names import JUMPS_point_name
from ..recognition import PEOPLE_SHOWN, forget, take
from ..text import counted
from ..thumbnails import free_icons
from .footage import KINDS, show_footage

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

READABLE = (*SUFFIXES, ".zip")
"""Of files that may be chosen or dropped."""

MOST_PEOPLE = 100
"""Who are imported at once: more are ghosts of a detector, and would keep Blender busy for minutes."""


class JUMPS_OT_import_tracks(bpy.types.Operator, ImportHelper):
    """Import people's 2D keypoints, from the file or folder of a pose estimator, as keyed armatures."""

    bl_idname = "jumps.import_tracks"
    bl_label = "Import Keypoints"
    bl_description = "Import people's 2D keypoints, from the file or folder of a pose estimator, as keyed armatures"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".json"
    filter_glob: StringProperty(default=";".join(f"*{suffix}" for suffix in READABLE), options={"HIDDEN"})
    whole_folder: BoolProperty(
        name="Whole Folder",
        description="Import the folder that the chosen file lies in, one file per frame",
        default=False,
        options={"SKIP_SAVE"},
    )
    people: StringProperty(
        name="People",
        description="Who to import: ids with commas between them, or all; empty means the one seen best. Each becomes "
        "an armature of its own",
        default="",
        search=people_found,
        options={"SKIP_SAVE"},
    )
    ticked: BoolVectorProperty(
        name="Import",
        description="Import this person, as an armature of its own",
        size=PEOPLE_SHOWN,
        get=ticks,
        set=tick,
        options={"HIDDEN", "SKIP_SAVE"},
    )
    joint_set: EnumProperty(
        name="Joints",
        description="What the points are called and which joints they show",
        items=(
            ("auto", "Automatic", "As recognised in the file"),
            *((joint_set.id, joint_set.title, f"{len(joint_set)} joints") for joint_set in JOINT_SETS.values()),
        ),
        default="auto",
        options={"SKIP_SAVE"},
    )
    names: CollectionProperty(
        name="Names",
        description="Of a file that names its points: which joints they show, where the guess is wrong",
        type=JUMPS_point_name,
        options={"SKIP_SAVE"},
    )
    correct_names: BoolProperty(
        name="Correct Names",
        description="Show which joint each of the file's own names stands for, to correct it",
        default=False,
        options={"SKIP_SAVE"},
    )
    view: EnumProperty(
        name="Seen From",
        description="The side of the person from which a file of three dimensions is seen",
        items=(
            ("auto", "Automatic", "The side from which most motion is seen"),
            *((view, view.capitalize(), f"From the person's {view}") for view in VIEWS if view != "auto"),
        ),
        default="auto",
        options={"SKIP_SAVE"},
    )
    up: EnumProperty(
        name="Up",
        description="The axis that points up in a file of three dimensions",
        items=(
            ("auto", "Automatic", "As the bodies stand"),
            *((up, up.upper(), f"The file's axis {up.upper()} points up") for up in UPS if up != "auto"),
        ),
        default="auto",
        options={"SKIP_SAVE"},
    )
    threshold: FloatProperty(
        name="Threshold",
        description="Points of lower confidence count as not observed",
        default=CONFIDENCE_THRESHOLD,
        min=0.0,
        max=1.0,
    )
    height: FloatProperty(
        name="Height",
        description="How tall the person stands, in metres, which gives the scale; of several, the one seen best",
        default=ImportOptions.height,
        min=0.01,
    )
    scale: FloatProperty(
        name="Scale",
        description="Metres per pixel; 0 = automatic: from the person's height",
        default=0.0,
        min=0.0,
        precision=5,
        options={"SKIP_SAVE"},
    )
    start_frame: IntProperty(name="Start Frame", description="Scene frame of the clip's first frame", default=1)
    fps: FloatProperty(
        name="FPS",
        description="Frames per second of the clip; 0 = automatic: as the file says, else its video, else the scene",
        default=0.0,
        min=0.0,
        options={"SKIP_SAVE"},
    )
    video: StringProperty(
        name="Video",
        description="The video that the points were estimated from: gives frame rate and size where the file does not",
        default="",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )
    footage: EnumProperty(
        name="Show Video",
        description="Show the video behind the armature of whoever is seen best: each joint over its pixel, each frame "
        "at its time",
        items=(("NONE", "Do Not", "Take from the video only what the file does not know"), *KINDS),
        default="NONE",
    )
    image_size: IntVectorProperty(
        name="Image Size",
        description="Width and height in pixels, for files that do not know them; 0 = automatic: as the file "
        "says, else its video",
        size=2,
        default=(0, 0),
        min=0,
        options={"SKIP_SAVE"},
    )
    salvage: BoolProperty(
        name="Read Whole Part",
        description="Of a damaged or cut-off file, read the part that is whole",
        default=False,
        options={"SKIP_SAVE"},
    )
    chosen_already: BoolProperty(
        name="Chosen Already",
        description="Show the dialog for the given file, not the file browser",
        default=False,
        options={"HIDDEN", "SKIP_SAVE"},
    )
    imported: BoolProperty(
        name="Imported",
        description="It was imported, and is only adjusted: the file is not looked at any more",
        default=False,
        options={"HIDDEN", "SKIP_SAVE"},
    )

    def invoke(  # type: ignore[override]  # the stubs know no return values of ImportHelper
        self, context: bpy.types.Context, event: bpy.types.Event
    ) -> set[OperatorReturnItems]:
        """Open the file browser, or the dialog of a file that was dropped."""
        self.start_frame = scene_of(context).frame_start
        if self.chosen_already:
            manager = context.window_manager
            return manager.invoke_props_dialog(self, width=WIDTH, title="Import Keypoints", confirm_text="Import")
        return super().invoke(context, event)

    def check(self, context: bpy.types.Context) -> bool:  # type: ignore[override]
        """Redraw the dialog after every change, since it shows what was recognised."""
        return True

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the dialog: what was recognised first, then what can be corrected."""
        assert self.layout
        draw_dialog(context, self.layout, self)

    def cancel(self, context: bpy.types.Context) -> None:
        """Free what was read."""
        close_dialog()

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Import."""
        try:
            threshold = round(self.threshold, 6)  # a property is a float32: 0.3 would exclude a confidence of 0.3
            recording, changed = take(choice_of(self), threshold)
            options = ImportOptions(
                Path(path_of(self)).stem, self.start_frame, recording.first_frame, self.height, self.scale
            )
            everybody = self.people.strip() == EVERYBODY
            several = len(recording.people) > 1
            crowd = import_people(context, self._tracks(recording), options, several, lenient=everybody)
        except JumpsError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        finally:
            close_dialog()
        self.imported = True
        make_active(context, crowd.made)
        if changed:
            self.report({"WARNING"}, f"{recording.source} changed since it was shown: imported is what it holds now")
        self._tell(context, recording, crowd)
        self._show_video(context, crowd.made[0])
        states_of(crowd.made[0])  # the redraw that asks next shall not wait
        return {"FINISHED"}

    def _tracks(self, recording: Recording) -> list[Tracks]:
        """Of everybody who was chosen, the one seen best first."""
        video = look_at_video(self.video) if self.video else None
        typed = (self.image_size[0], self.image_size[1]) if all(self.image_size) else None
        size = typed or recording.image_size or (video.size if video else None)
        fps = self.fps or recording.fps or (video.fps if video else None)
        if fps is not None:
            check_rate(fps)
        ids = chosen([person.id for person in recording.people], self.people)
        if len(ids) > MOST_PEOPLE:
            raise InputError(
                f"{recording.source} holds {len(ids)} people, and at most {MOST_PEOPLE} are imported at once: name "
                "those that are wanted, with commas between their ids."
            )
        return [recording.tracks(one, image_size=size, fps=fps) for one in ids]

    def _show_video(self, context: bpy.types.Context, ob: bpy.types.Object) -> None:
        """Show the video behind an armature, where that is wished; the import stands where it cannot be."""
        if not self.video or self.footage == "NONE":
            return
        try:
            show_footage(self, context, ob, self.video, self.footage)
        except JumpsError as error:
            self.report({"WARNING"}, f"The video is not shown: {error}")

    def _tell(self, context: bpy.types.Context, recording: Recording, crowd: Crowd) -> None:
        """Report what was imported, and what one should know of it."""
        for warning in (*recording.warnings, *crowd.left_out):
            self.report({"WARNING"}, warning)
        end, scene_end = max(map(last_key, crowd.made)), scene_of(context).frame_end
        if end > scene_end:
            self.report({"WARNING"}, f"The clip ends at frame {end}, after the scene's end, which stays at {scene_end}")
        who = crowd.made[0].name if len(crowd.made) == 1 else f"{len(crowd.made)} people of {recording.source}"
        self.report({"INFO"}, f"Imported {who}: {recording.joint_set.title}, {_length(recording, crowd.made)}")


def _length(recording: Recording, made: Sequence[bpy.types.Object]) -> str:
    """How many frames there are of those who were imported, from the first to the last that shows them."""
    of_file = recording.last_frame - recording.first_frame + 1
    longest = max((int(header["frames"]) for header in map(tracks_header, made) if header), default=of_file)
    if longest == of_file:
        return counted(of_file, "frame")
    return f"{'up to ' if len(made) > 1 else ''}{longest:,} of the file's {counted(of_file, 'frame')}"


def close_dialog() -> None:
    """Free what was read and drawn for it."""
    stop_redrawing()
    forget()
    free_icons()


def draw_menu(self: bpy.types.Menu, _context: bpy.types.Context) -> None:
    """The entry in File > Import."""
    assert self.layout
    self.layout.operator(JUMPS_OT_import_tracks.bl_idname, text="Keypoints (JUMPS)")
