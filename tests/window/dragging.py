"""Files dragged onto Blender's window and let go there, as a file manager does: XDND, drag and drop of the X11 desktop.

Who drags offers `text/uri-list`, tells the window of each place that the pointer comes to, and is told whether the
files are welcome; where they are let go, the window asks for the list, and says when it has taken it
(freedesktop.org/wiki/Specifications/XDND).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.window.x11 import ATOM, CARDINAL, NOW, Display, DisplayError, Kind, Message, kind_of, open_display

VERSION: Final = 5
"""Of the protocol, unless Blender's is older."""

STEPS: Final = 6
"""Places on the way to where the files are let go."""

SELECTION, FILES, COPY = "XdndSelection", "text/uri-list", "XdndActionCopy"


def drop(display: str, process: int, files: Sequence[Path], at: tuple[int, int]) -> bool:
    """Drag files over the window of a process, and let them go at one of its pixels, y from the top.

    Returns whether the window took them. Raises DisplayError where it does not answer, or is not there.
    """
    uris = "".join(f"{path.resolve().as_uri()}\r\n" for path in files).encode()
    with open_display(display) as screen:
        window, version = _window_of(screen, process)
        screen.own_selection(SELECTION)
        screen.tell(window, "XdndEnter", screen.own, version << 24, screen.atom(FILES))
        taken = False
        try:
            if _move(screen, window, at, uris):
                screen.tell(window, "XdndDrop", screen.own, 0, NOW)
                taken = bool(_answer(screen, "XdndFinished", uris))
        finally:
            if not taken:
                screen.tell(window, "XdndLeave", screen.own)  # else Blender waits for ever
    return taken


def _move(screen: Display, window: int, at: tuple[int, int], uris: bytes) -> bool:
    """Go to a pixel of the window in steps; whether the files are welcome there."""
    welcome = False
    for step in range(1, STEPS + 1):
        x, y = screen.on_root(window, (at[0] * step // STEPS, at[1] * step // STEPS))
        screen.point_at(x, y)
        screen.tell(window, "XdndPosition", screen.own, 0, x << 16 | y, NOW, screen.atom(COPY))
        welcome = bool(_answer(screen, "XdndStatus", uris)[Message.DATA + 1] & 1)
    return welcome


def _window_of(screen: Display, process: int) -> tuple[int, int]:
    """The window of a process that takes what is dropped, and the version of the protocol to be used."""
    for window in screen.windows(screen.root):
        version = screen.number(window, "XdndAware", ATOM)
        if version is not None and screen.number(window, "_NET_WM_PID", CARDINAL) == process:
            return window, min(version, VERSION)
    raise DisplayError(f"no window of process {process} takes what is dropped")


def _answer(screen: Display, name: str, uris: bytes) -> Any:
    """Wait for a message; meanwhile hand over the list of files to who asks."""
    while True:
        event = screen.next_event()
        kind = kind_of(event)
        if kind == Kind.SELECTION_REQUEST:
            screen.give(event, uris)
        elif kind == Kind.CLIENT_MESSAGE and event[Message.NAME] == screen.atom(name):
            return event
