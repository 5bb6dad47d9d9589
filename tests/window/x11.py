"""Of an X11 display, what dragging files over it needs: windows, the pointer, messages, data that is asked for.

libX11 through ctypes, since whatever draws Blender's window under X11 has it. On 64 bits every field of an event of
these kinds takes up a long, so an event is an array of them here, and the fields that count have names.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import select
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

PATIENCE: Final = 10.0
"""Seconds for an answer."""

Event = c_long * 24
"""XEvent, a union of events; `kind_of` tells them apart."""


class Kind(IntEnum):
    """Of an event."""

    SELECTION_REQUEST = 30
    SELECTION_NOTIFY = 31
    CLIENT_MESSAGE = 33


class Message(IntEnum):
    """Fields of a client message, in longs; those of the data follow `DATA`."""

    WINDOW = 4
    NAME = 5
    FORMAT = 6
    DATA = 7


class Request(IntEnum):
    """Fields of a request for data; the answer has the same from `REQUESTOR` on, one place before."""

    REQUESTOR = 5
    TARGET = 7
    PROPERTY = 8
    TIME = 9


ATOM, CARDINAL, REPLACE, BYTES, LONGS, NOW = 4, 6, 0, 8, 32, 0
"""Types of values, what becomes of former ones, the size of one, and the present as a time (X.h)."""

SIGNATURES: Final[dict[str, tuple[Any, list[Any]]]] = {
    "XOpenDisplay": (c_void_p, [c_char_p]),
    "XCloseDisplay": (c_int, [c_void_p]),
    "XConnectionNumber": (c_int, [c_void_p]),
    "XDefaultRootWindow": (c_ulong, [c_void_p]),
    "XCreateSimpleWindow": (c_ulong, [c_void_p, c_ulong, *[c_int] * 2, *[c_uint] * 3, *[c_ulong] * 2]),
    "XInternAtom": (c_ulong, [c_void_p, c_char_p, c_int]),
    "XSetSelectionOwner": (c_int, [c_void_p, c_ulong, c_ulong, c_ulong]),
    "XQueryTree": (c_int, [c_void_p, c_ulong, *[POINTER(c_ulong)] * 2, POINTER(POINTER(c_ulong)), POINTER(c_uint)]),
    "XGetWindowProperty": (
        c_int,
        [c_void_p, *[c_ulong] * 2, *[c_long] * 2, c_int, c_ulong, POINTER(c_ulong), POINTER(c_int)]
        + 2 * [POINTER(c_ulong)]
        + [POINTER(POINTER(c_long))],
    ),
    "XChangeProperty": (c_int, [c_void_p, c_ulong, c_ulong, c_ulong, c_int, c_int, c_char_p, c_int]),
    "XTranslateCoordinates": (
        c_int,
        [c_void_p, c_ulong, c_ulong, c_int, c_int, *[POINTER(c_int)] * 2, POINTER(c_ulong)],
    ),
    "XWarpPointer": (c_int, [c_void_p, c_ulong, c_ulong, *[c_int] * 2, *[c_uint] * 2, *[c_int] * 2]),
    "XSendEvent": (c_int, [c_void_p, c_ulong, c_int, c_long, POINTER(Event)]),
    "XPending": (c_int, [c_void_p]),
    "XNextEvent": (c_int, [c_void_p, POINTER(Event)]),
    "XSync": (c_int, [c_void_p, c_int]),
    "XFree": (c_int, [c_void_p]),
}


def kind_of(event: Any) -> int:
    """Which kind an event is of: an int alone in the place of a long, whose other half may hold anything."""
    return int(event[0]) & 0xFFFFFFFF


class DisplayError(Exception):
    """The display, or a program on it, did not do what it should; the message says what."""


@dataclass(frozen=True)
class Display:
    """A connection to a display, its root window, and a window of our own that nobody sees."""

    lib: Any
    connection: int
    root: int
    own: int

    def atom(self, name: str) -> int:
        """The number that the display knows a word by."""
        return int(self.lib.XInternAtom(self.connection, name.encode(), False))

    def number(self, window: int, name: str, kind: int) -> int | None:
        """The value of a property of a window, where it has one."""
        ulong, data = c_ulong(), POINTER(c_long)()
        self.lib.XGetWindowProperty(
            self.connection, window, self.atom(name), 0, 1, False, kind,
            byref(ulong), byref(c_int()), byref(count := c_ulong()), byref(ulong), byref(data),
        )  # fmt: skip
        value = int(data[0]) if count.value else None
        if data:
            self.lib.XFree(data)
        return value

    def windows(self, top: int) -> Iterator[int]:
        """A window, and all that are in it."""
        yield top
        ulong, children, count = c_ulong(), POINTER(c_ulong)(), c_uint()
        if self.lib.XQueryTree(self.connection, top, byref(ulong), byref(ulong), byref(children), byref(count)):
            found = children[: count.value]
            if children:
                self.lib.XFree(children)
            for child in found:
                yield from self.windows(child)

    def on_root(self, window: int, at: tuple[int, int]) -> tuple[int, int]:
        """Where on the screen a pixel of a window lies, both from the top left."""
        x, y = c_int(), c_int()
        self.lib.XTranslateCoordinates(self.connection, window, self.root, *at, byref(x), byref(y), byref(c_ulong()))
        return x.value, y.value

    def point_at(self, x: int, y: int) -> None:
        """Move the pointer to a pixel of the screen."""
        self.lib.XWarpPointer(self.connection, 0, self.root, 0, 0, 0, 0, x, y)

    def own_selection(self, name: str) -> None:
        """Be who is asked for what is dragged, or was copied."""
        self.lib.XSetSelectionOwner(self.connection, self.atom(name), self.own, NOW)

    def tell(self, window: int, name: str, *data: int) -> None:
        """Send a window a message of five numbers at most."""
        event = Event(Kind.CLIENT_MESSAGE)
        event[Message.WINDOW], event[Message.NAME], event[Message.FORMAT] = window, self.atom(name), LONGS
        event[Message.DATA : Message.DATA + len(data)] = list(data)
        self._send(window, event)

    def give(self, request: Any, data: bytes) -> None:
        """Hand over what was asked for."""
        window, target, where = (request[field] for field in (Request.REQUESTOR, Request.TARGET, Request.PROPERTY))
        self.lib.XChangeProperty(self.connection, window, where, target, BYTES, REPLACE, data, len(data))
        event = Event(Kind.SELECTION_NOTIFY)
        event[Request.REQUESTOR - 1 : Request.TIME] = request[Request.REQUESTOR : Request.TIME + 1]
        self._send(window, event)

    def _send(self, window: int, event: Any) -> None:
        self.lib.XSendEvent(self.connection, window, False, 0, byref(event))
        self.lib.XSync(self.connection, False)

    def next_event(self) -> Any:
        """What happens next; raises DisplayError where nothing does."""
        if not self.lib.XPending(self.connection):
            heard, _, _ = select.select([self.lib.XConnectionNumber(self.connection)], [], [], PATIENCE)
            if not heard:
                raise DisplayError(f"no answer within {PATIENCE:g} s")
        event = Event()
        self.lib.XNextEvent(self.connection, byref(event))
        return event


@contextmanager
def open_display(name: str) -> Iterator[Display]:
    """Connect to a display, such as `:1`, until the block ends; raises DisplayError where it cannot be."""
    found = ctypes.util.find_library("X11") or "libX11.so.6"
    lib = ctypes.CDLL(found)
    for function, (gives, takes) in SIGNATURES.items():
        getattr(lib, function).restype, getattr(lib, function).argtypes = gives, takes
    connection = lib.XOpenDisplay(name.encode())
    if not connection:
        raise DisplayError(f"no display {name}")
    try:
        root = lib.XDefaultRootWindow(connection)
        yield Display(lib, connection, root, lib.XCreateSimpleWindow(connection, root, 0, 0, 1, 1, 0, 0, 0))
    finally:
        lib.XCloseDisplay(connection)
