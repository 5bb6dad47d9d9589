"""The dialog of an import: what was recognised first, then what can be corrected, and only what there is to correct.

It draws the properties of the operator, and is drawn beside the file browser, in a window of its own for files that
were dropped, and once more where the operation is adjusted afterwards.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np

from ..blender.scene.present import scene_of
from ..blender.tracks.people import scene_fps
from ..formats import TITLES, Person, Recording
from ..formats.people_choice import EVERYBODY, chosen, completions, with_person
from . import point_names
from .recognition import NOTHING, PEOPLE_SHOWN, Choice, Recognised, is_reading, look_at, recall
from .text import counted, draw_automatic, draw_paragraph
from .thumbnails import icons_of

PATIENCE: Final = 0.03
"""Seconds for which drawing waits for a file; one that takes longer is shown when it has been read."""

GLANCE: Final = 0.1
"""Seconds between two looks whether it has been read."""

WIDTH: Final = 440
"""Of the dialog for dropped files, in pixels at scale 1."""

GROUPS: Final = (
    ("whole_folder", "salvage"),
    ("joint_set", "view", "up", "threshold"),
    ("start_frame", "fps", "video", "footage", "image_size"),
    ("height", "scale"),
)
"""What can be corrected, where it has a say in the file."""

AUTOMATIC: Final = ("fps", "image_size", "scale")
"""Those that are found out where they are 0; it is told beside them what they then come to."""

BROWSER_STRIP: Final = 2.0
WIDE_STRIP: Final = 3.0
NARROW_STRIP: Final = 1.5
"""Height of the poses, in heights of a button: beside the file browser; in a dialog, below a person or beside one."""

FEW: Final = 3
"""People whose poses are drawn large in a dialog; those of more have to fit the screen."""


def path_of(properties: Any) -> str:
    """The chosen file or folder; one that ends in a slash has been opened in the file browser only."""
    typed = str(bpy.path.abspath(properties.filepath))
    path = Path(typed)
    return str(path if path.is_dir() else path.parent) if properties.whole_folder else typed


def is_chosen(properties: Any) -> bool:
    """Whether there is anything to judge: the folder that the file browser shows is none, unless it is meant."""
    try:
        return bool(properties.whole_folder) or not Path(bpy.path.abspath(properties.filepath)).is_dir()
    except OSError:  # a name that is too long for a file
        return True


def choice_of(properties: Any) -> Choice:
    """What is to be read, and how."""
    joint_set = None if properties.joint_set == "auto" else properties.joint_set
    names = point_names.told(properties.names)
    return Choice(path_of(properties), joint_set, properties.salvage, names, properties.view, properties.up)


def recalled_people(properties: Any) -> tuple[Person, ...]:
    """Everybody in the file that the dialog shows, the one seen best first; nobody where none was read."""
    recording = recall(choice_of(properties)).recording
    return recording.people if recording else ()


def people_found(properties: Any, _context: bpy.types.Context, text: str) -> list[tuple[str, str]]:
    """What may be typed for people, each with what is known of them."""
    people = {person.id: describe(person) for person in recalled_people(properties)}
    return [(one, people.get(one, "everybody" if one == EVERYBODY else "")) for one in completions([*people], text)]


def ticks(properties: Any) -> list[bool]:
    """Who of the people shown is to be imported."""
    ids = [person.id for person in recalled_people(properties)]
    wanted = chosen(ids, properties.people)
    return [i < len(ids) and ids[i] in wanted for i in range(PEOPLE_SHOWN)]


def tick(properties: Any, values: Any) -> None:
    """Take people in and out."""
    ids = [person.id for person in recalled_people(properties)]
    for person, before, now in zip(ids, ticks(properties), values, strict=False):
        if before != now:
            properties.people = with_person(ids, properties.people, person, now)


def describe(person: Person) -> str:
    """How much of somebody was seen."""
    return f"in {counted(person.frames, 'frame')}, confidence {person.mean_confidence:.2f}"


def draw_dialog(context: bpy.types.Context, layout: bpy.types.UILayout, properties: Any) -> None:
    """Draw all of it."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    beside_browser = bool(context.space_data and context.space_data.type == "FILE_BROWSER")
    if properties.imported:
        found = recall(choice_of(properties))
    else:
        found = (
            look_at(choice_of(properties), PATIENCE if beside_browser else None) if is_chosen(properties) else NOTHING
        )
        point_names.fill(properties.names, [name for name, _ in found.names])
    if found.reading:
        redraw_when_read()
    _Dialog(context, properties, found, None if beside_browser or properties.imported else WIDTH).draw(layout)


class _Dialog:
    """One drawing of it."""

    def __init__(self, context: bpy.types.Context, properties: Any, found: Recognised, width: float | None) -> None:
        self.context, self.properties, self.found, self.width = context, properties, found, width

    def draw(self, layout: bpy.types.UILayout) -> None:
        recording = self.found.recording
        box = layout.box()
        if recording:
            self._recognised(box, recording)
            if len(recording.people) > 1:
                self._people(layout, recording)
        elif self.found.problem:
            self._paragraph(box, self.found.problem, "TIME" if self.found.reading else "INFO")
        if len(self.properties.names):
            self._names(layout)
        for group in self._groups():
            column = layout.column(align=True)
            for name in group:
                column.prop(self.properties, name)
                if name in AUTOMATIC and not any(np.atleast_1d(getattr(self.properties, name))):
                    draw_automatic(column, self._automatic(name))

    def _groups(self) -> tuple[tuple[str, ...], ...]:
        """The properties that have a say in this file."""
        found, given = self.found, self.properties
        recording = found.recording
        solid = bool(recording and recording.view) or (given.view, given.up) != ("auto", "auto")
        alone = recording is None or recording.first_frame == recording.last_frame
        relevant = {
            "whole_folder": given.whole_folder or alone,
            "salvage": given.salvage or found.salvageable,
            "view": solid,
            "up": solid,
            "footage": bool(given.video),
            "image_size": not solid,
        }
        return tuple(tuple(name for name in group if relevant.get(name, True)) for group in GROUPS)

    def _recognised(self, layout: bpy.types.UILayout, recording: Recording) -> None:
        title = f"{TITLES[recording.format]}, {recording.joint_set.title}"
        layout.label(text=title, icon="CHECKMARK", translate=False)
        column = layout.column(align=True)
        self._paragraph(column, f"Joints: {recording.joint_set_reason}")
        if recording.view:
            self._paragraph(column, f"Three dimensions: {recording.view}")
        for fact in (self._length(recording), self._rate(recording), self._size(recording)):
            self._paragraph(column, fact)
        if len(recording.people) == 1:
            self._paragraph(column, f"One person: {describe(recording.people[0])}")
            self._strip(layout, 0)
        if recording.normalised and not self._known_size(recording):
            layout.label(text="Needs Image Size, or the Video", icon="ERROR")
        for warning in recording.warnings:
            self._paragraph(layout, warning, "ERROR")

    def _length(self, recording: Recording) -> str:
        return counted(recording.last_frame - recording.first_frame + 1, "frame")

    def _automatic(self, name: str) -> str:
        """What a property comes to that is left at 0."""
        recording = self.found.recording
        if name == "scale":
            return "from the height"
        if recording is None:
            return "as the file says"
        return (self._own_rate(recording) if name == "fps" else self._own_size(recording))[0]

    def _rate(self, recording: Recording) -> str:
        typed = self.properties.fps
        return "{} ({})".format(*((f"{typed:g} fps", "typed") if typed else self._own_rate(recording)))

    def _own_rate(self, recording: Recording) -> tuple[str, str]:
        """The frame rate that is not typed, and where it is from."""
        if recording.fps:
            return f"{recording.fps:g} fps", "from the file"
        if self.properties.video:
            return "the video's fps", "not in the file"
        return f"{scene_fps(scene_of(self.context)):g} fps", "the scene's"

    def _size(self, recording: Recording) -> str:
        typed = self.properties.image_size
        size, where = (f"{typed[0]} x {typed[1]}", "typed") if all(typed) else self._own_size(recording)
        return f"Image size {size} ({where})"

    def _own_size(self, recording: Recording) -> tuple[str, str]:
        """The size that is not typed, and where it is from."""
        if recording.image_size:
            return f"{recording.image_size[0]} x {recording.image_size[1]}", "from the file"
        return "the video's" if self.properties.video else "unknown", "not in the file"

    def _known_size(self, recording: Recording) -> bool:
        return bool(recording.image_size or all(self.properties.image_size) or self.properties.video)

    def _people(self, layout: bpy.types.UILayout, recording: Recording) -> None:
        column = layout.box().column()
        side_by_side = self.width is not None and len(recording.people) > FEW
        for i, person in enumerate(recording.people[:PEOPLE_SHOWN]):
            row = column.split(factor=0.55) if side_by_side else column.column()
            row.use_property_split = False
            row.prop(self.properties, "ticked", index=i, text=f"{person.id}: {describe(person)}")
            self._strip(row, i, NARROW_STRIP if side_by_side else None)
        more = len(recording.people) - PEOPLE_SHOWN
        if more > 0:
            self._paragraph(column, f"and {more} who were seen less: type their ids, or all")
        column.prop(self.properties, "people")

    def _strip(self, layout: bpy.types.UILayout, number: int, scale: float | None = None) -> None:
        """A person's poses, while the dialog is open and where there is a window to draw them in."""
        if number < len(self.found.strips) and not bpy.app.background:
            row = layout.row(align=True)
            row.alignment = "LEFT"
            for icon in icons_of(self.found.strips[number]):
                row.template_icon(icon, scale=scale or (BROWSER_STRIP if self.width is None else WIDE_STRIP))

    def _names(self, layout: bpy.types.UILayout) -> None:
        unknown = sum(not point for _, point in self.found.names)
        note = f"Names of {len(self.found.names)} points" + (f", {unknown} left out" if unknown else "")
        opened = self.properties.correct_names or not self.found.recording
        row = layout.row()
        row.use_property_split = False
        row.alignment = "LEFT"
        row.prop(
            self.properties, "correct_names", text=note, emboss=False,
            icon="DOWNARROW_HLT" if opened else "RIGHTARROW",
        )  # fmt: skip
        if opened:
            point_names.draw_names(layout, self.properties.names, dict(self.found.names))

    def _paragraph(self, layout: bpy.types.UILayout, text: str, icon: Any = "NONE") -> None:
        draw_paragraph(self.context, layout, text, icon, self.width)


def redraw_when_read() -> None:
    """Have the file browsers drawn again once the file is read."""
    if not bpy.app.timers.is_registered(_redraw_when_read):
        bpy.app.timers.register(_redraw_when_read, first_interval=GLANCE)


def stop_redrawing() -> None:
    """Take that back."""
    if bpy.app.timers.is_registered(_redraw_when_read):
        bpy.app.timers.unregister(_redraw_when_read)


def _redraw_when_read() -> float | None:
    if is_reading():
        return GLANCE
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "FILE_BROWSER":
                area.tag_redraw()
    return None
