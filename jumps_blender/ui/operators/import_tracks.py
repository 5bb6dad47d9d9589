"""Import a keypoint file as a keyed armature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, IntVectorProperty, StringProperty
from bpy_extras.io_utils import ImportHelper

from ...blender.people import ImportOptions, import_person, last_key, scene_fps
from ...blender.present import layer_of, scene_of
from ...blender.scene_state import select_only
from ...blender.video import Video
from ...blender.video import look_at as look_at_video
from ...core.body.joint_sets import JOINT_SETS
from ...core.body.tracks import CONFIDENCE_THRESHOLD, Tracks
from ...errors import JumpsError
from ...formats import TITLES, Recording
from ..recognition import Choice, Recognised, forget, look_at
from ..text import draw_paragraph

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

PEOPLE_SHOWN = 6
"""People that the dialog lists; more can be typed."""


def _people(self: Any, _context: bpy.types.Context, _edit_text: str) -> list[tuple[str, str]]:
    recording = self.look().recording
    return [(person.id, _describe(person)) for person in recording.people] if recording else []


def _describe(person: Any) -> str:
    return f"{person.frames} frames, confidence {person.mean_confidence:.2f}"


class JUMPS_OT_import_tracks(bpy.types.Operator, ImportHelper):
    """Import a person's 2D keypoints, from the file or folder of a pose estimator, as a keyed armature."""

    bl_idname = "jumps.import_tracks"
    bl_label = "Import Keypoints"
    bl_description = "Import a person's 2D keypoints, from the file or folder of a pose estimator, as a keyed armature"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json;*.zip", options={"HIDDEN"})
    whole_folder: BoolProperty(
        name="Whole Folder",
        description="Import the folder that the chosen file lies in, one file per frame",
        default=False,
    )
    person: StringProperty(
        name="Person", description="Who to import; empty means the one seen best", default="", search=_people
    )
    joint_set: EnumProperty(
        name="Joints",
        description="What the points are called and which joints they show",
        items=(
            ("auto", "Automatic", "As recognised in the file"),
            *((joint_set.id, joint_set.title, f"{len(joint_set)} joints") for joint_set in JOINT_SETS.values()),
        ),
        default="auto",
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
        description="How tall the person stands, which gives the scale",
        default=ImportOptions.height,
        min=0.01,
        unit="LENGTH",
    )
    scale: FloatProperty(
        name="Scale",
        description="Metres per pixel; 0 means from the person's height",
        default=0.0,
        min=0.0,
        precision=5,
    )
    start_frame: IntProperty(name="Start Frame", description="Scene frame of the clip's first frame", default=1)
    fps: FloatProperty(
        name="FPS",
        description="Frames per second of the clip; 0 means as the file says, else its video, else the scene",
        default=0.0,
        min=0.0,
    )
    video: StringProperty(
        name="Video",
        description="The video that the points were estimated from: gives frame rate and size where the file does not",
        default="",
        subtype="FILE_PATH",
    )
    image_size: IntVectorProperty(
        name="Image Size",
        description="Width and height in pixels, for files that do not know them; 0 means automatic",
        size=2,
        default=(0, 0),
        min=0,
    )
    salvage: BoolProperty(
        name="Read Whole Part", description="Of a damaged or cut-off file, read the part that is whole", default=False
    )

    def invoke(  # type: ignore[override]  # the stubs know no return values of ImportHelper
        self, context: bpy.types.Context, event: bpy.types.Event
    ) -> set[OperatorReturnItems]:
        """Open the file browser."""
        self.start_frame = scene_of(context).frame_start
        return super().invoke(context, event)

    def check(self, context: bpy.types.Context) -> bool:  # type: ignore[override]
        """Redraw the dialog after every change, since it shows what was recognised."""
        return True

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Import."""
        try:
            recording = self.choice().read()
            tracks = self._tracks(recording)
            name = Path(self.path()).stem + (f" person {tracks.person}" if len(recording.people) > 1 else "")
            options = ImportOptions(name, self.start_frame, recording.first_frame, self.height, self.scale)
            ob = import_person(context, tracks, options)
        except JumpsError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        finally:
            forget()
        make_active(context, ob)
        for warning in recording.warnings:
            self.report({"WARNING"}, warning)
        end, scene_end = last_key(ob), scene_of(context).frame_end
        if end > scene_end:
            self.report({"WARNING"}, f"The clip ends at frame {end}, after the scene's end, which stays at {scene_end}")
        seen = int(tracks.observed.any(1).sum())
        self.report({"INFO"}, f"Imported {ob.name}: {tracks.joint_set.title}, {seen} of {len(tracks)} frames")
        return {"FINISHED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the dialog: what was recognised first, then what can be corrected."""
        layout = self.layout
        assert layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        recognised = self.look()
        self._draw_recognised(layout.box(), context, recognised)
        for group in (
            ("whole_folder", "salvage"),
            ("person", "joint_set", "threshold"),
            ("start_frame", "fps", "video", "image_size"),
            ("height", "scale"),
        ):
            column = layout.column(align=True)
            for name in group:
                column.prop(self, name)

    def path(self) -> str:
        """The chosen file or folder."""
        path = bpy.path.abspath(self.filepath)  # type: ignore[attr-defined]
        return str(Path(path).parent) if self.whole_folder and not Path(path).is_dir() else path

    def choice(self) -> Choice:
        """What is to be read, and how."""
        joint_set = None if self.joint_set == "auto" else self.joint_set
        threshold = round(self.threshold, 6)  # a property is a float32: 0.3 would exclude a confidence of 0.3
        return Choice(self.path(), joint_set, self.salvage, threshold)

    def look(self) -> Recognised:
        """What the dialog knows of the chosen file."""
        return look_at(self.choice())

    def _tracks(self, recording: Recording) -> Tracks:
        video = look_at_video(self.video) if self.video else None
        typed = (self.image_size[0], self.image_size[1]) if all(self.image_size) else None
        size = typed or recording.image_size or (video.size if video else None)
        return recording.tracks(self.person or None, image_size=size, fps=self._fps(recording, video))

    def _fps(self, recording: Recording, video: Video | None) -> float | None:
        return self.fps or recording.fps or (video.fps if video else None)

    def _draw_recognised(self, layout: bpy.types.UILayout, context: bpy.types.Context, recognised: Recognised) -> None:
        recording = recognised.recording
        if recording is None:
            draw_paragraph(context, layout, recognised.problem, icon="INFO")
            return
        layout.label(text=f"{TITLES[recording.format]}, {recording.joint_set.title}", icon="CHECKMARK")
        fps = f"{self._fps(recording, None) or scene_fps(scene_of(context)):g} fps"
        where = "typed" if self.fps else "from the file" if recording.fps else "from video or scene"
        frames = recording.last_frame - recording.first_frame + 1
        layout.label(text=f"{frames} frames, {fps} ({where})")
        if recording.normalised and not (recording.image_size or all(self.image_size) or self.video):
            layout.label(text="Needs Image Size, or the Video", icon="ERROR")
        for person in recording.people[:PEOPLE_SHOWN]:
            layout.label(text=f"{person.id}: {_describe(person)}", icon="ARMATURE_DATA")
        for warning in recording.warnings:
            draw_paragraph(context, layout, warning, icon="ERROR")


def make_active(context: bpy.types.Context, ob: bpy.types.Object) -> None:
    """Select what was imported, as Blender's importers do; not while the user works in another mode."""
    layer = layer_of(context)
    if context.mode == "OBJECT" and ob.name in layer.objects:
        select_only(layer, [ob])
        layer.objects.active = ob


def draw_menu(self: bpy.types.Menu, _context: bpy.types.Context) -> None:
    """The entry in File > Import."""
    assert self.layout
    self.layout.operator(JUMPS_OT_import_tracks.bl_idname, text="Keypoints (JUMPS)")
