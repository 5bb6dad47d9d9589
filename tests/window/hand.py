"""Mouse, keys and eyes in Blender's window, for a story that waits by `yield SECONDS`.

Buttons are found as a person finds them: the pointer goes down the panel, and Blender says what lies under it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import bpy

Waits = Generator[float, None, Any]

STEP: Final = 8
"""Pixels between two looks; a button is about twenty high."""

REACTION: Final = 0.04
"""Seconds that Blender is given to notice the pointer."""


@dataclass(frozen=True)
class Box:
    """Part of the window in pixels, y from the bottom."""

    left: int
    bottom: int
    width: int
    height: int


@dataclass(frozen=True)
class Place:
    """Part of the window: an editor's kind and the kind of its region."""

    area: str = "VIEW_3D"
    region: str = "UI"

    def find(self) -> tuple[Any, Any, Any]:
        """Window, area and region, found anew since they die when a file is opened."""
        window = bpy.context.window_manager.windows[0]
        area = next(area for area in window.screen.areas if area.type == self.area)
        return window, area, next(region for region in area.regions if region.type == self.region)

    def box(self) -> Box:
        """Where the region is drawn."""
        _, _, region = self.find()
        return Box(region.x, region.y, region.width, region.height)

    def override(self) -> Any:
        """The context of the place."""
        window, area, region = self.find()
        return bpy.context.temp_override(window=window, area=area, region=region)


SIDEBAR: Final = Place()
VIEW: Final = Place(region="WINDOW")


def event(kind: Any, value: Any, at: tuple[int, int], ctrl: bool = False, shift: bool = False) -> None:
    """Let something happen at a pixel of the window, y from the bottom."""
    window = bpy.context.window_manager.windows[0]
    window.event_simulate(type=kind, value=value, x=at[0], y=at[1], ctrl=ctrl, shift=shift)


def press(kind: Any, at: tuple[int, int], **keys: bool) -> Waits:
    """Press and let go a key or a mouse button."""
    event("MOUSEMOVE", "NOTHING", at)
    yield REST  # a button answers once it was drawn as touched
    event(kind, "PRESS", at, **keys)
    yield 0.1
    event(kind, "RELEASE", at, **keys)
    yield 0.3


def middle(place: Place) -> tuple[int, int]:
    """The middle of a region."""
    _, _, region = place.find()
    return region.x + region.width // 2, region.y + region.height // 2


def under_pointer(place: Place) -> str:
    """What the pointer is over: `jumps.upsample` for an operator, a data path such as `jumps.settings`, or nothing."""
    manager = bpy.context.window_manager
    manager.clipboard = ""
    with place.override():
        copies: tuple[Any, ...] = (bpy.ops.ui.copy_python_command_button, bpy.ops.ui.copy_data_path_button)
        for copy in copies:
            if copy.poll():
                copy()
                break
    found = re.match(r"bpy\.ops\.([\w.]+)\(", manager.clipboard)
    return found[1] if found else str(manager.clipboard)


REST: Final = 0.3
"""Seconds after which all that moves by itself has come to rest."""

COLUMNS: Final = (0.5, 0.25, 0.75, 0.9)
"""Where the pointer goes down, in parts of a region's width: buttons also stand side by side."""


def find(name: str, place: Place = SIDEBAR, columns: Sequence[float] = COLUMNS) -> Waits:
    """The pixel of a button.

    Raises:
        LookupError: it is not there; the message tells what is.

    """
    seen: set[str] = set()
    _, _, region = place.find()
    for part in columns:
        x = region.x + int(region.width * part)
        for y in range(region.y + region.height - 4, region.y, -STEP):
            event("MOUSEMOVE", "NOTHING", (x, y))
            yield REACTION
            under = under_pointer(place)
            seen.add(under)
            if under == name:
                return x, y - STEP // 2
    raise LookupError(f"no button {name} in {place}; there are {', '.join(sorted(seen - {''}))}")


def click(name: str, place: Place = SIDEBAR, columns: Sequence[float] = COLUMNS) -> Waits:
    """Press a button, once it stands still; raises LookupError where it is not there."""
    for _ in range(5):
        at = yield from find(name, place, columns)
        yield REST
        if under_pointer(place) == name:
            yield from press("LEFTMOUSE", at)
            return
    raise LookupError(f"the button {name} does not stay where it is")


def unfold(name: str) -> Waits:
    """Open the panel that holds a button, and fold the others, as ctrl and a click on its header do."""
    try:
        yield from find(name, columns=[0.5])
    except LookupError:
        yield from _open(name)


def _open(name: str) -> Waits:
    """Click where a header may be, below the last button and then above, until the button appears."""
    _, _, region = SIDEBAR.find()
    x, lowest, bare = region.x + region.width // 3, region.y, []
    for y in range(region.y + region.height - 4, region.y, -STEP):
        event("MOUSEMOVE", "NOTHING", (x, y))
        yield REACTION
        if under_pointer(SIDEBAR):
            lowest = y
        else:
            bare.append(y)
    for y in sorted((y for y in bare if y > lowest - 110), key=lambda y: (y > lowest, abs(y - lowest))):
        yield from press("LEFTMOUSE", (x, y), ctrl=True)
        try:
            yield from find(name, columns=[0.5])
        except LookupError:
            continue
        return
    raise LookupError(f"no panel holds {name}")


def reports() -> str:
    """All that Blender has told in the status bar so far, a line each, as its info editor keeps it."""
    _, area, _ = (place := Place("PROPERTIES", "WINDOW")).find()
    area.type = "INFO"
    try:
        with Place("INFO", place.region).override():
            bpy.ops.info.select_all(action="SELECT")
            bpy.ops.info.report_copy()
    finally:
        area.type = place.area
    return str(bpy.context.window_manager.clipboard)
