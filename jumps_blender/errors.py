"""Every error that a person is meant to read. Imports nothing.

JumpsError                 what was found, what was expected, what to do
├── InputError             the caller's data or arguments
│   ├── FormatError        a file that no reader understands, or that is damaged
│   │   ├── TruncatedFile  cut off in the middle; says how much was whole
│   │   └── UnknownPoints  none of the file's own names is that of a joint; `names` holds them
│   ├── PersonNotFound     a person id that the file does not hold
│   └── NotEnoughJoints    no frame shows enough of a body
├── WeightsError           missing, damaged or of another version
├── EngineError            no such engine or device, or torch is missing
├── WorkerError            the worker process died or spoke nonsense
├── OutputError            a result cannot be written: a full disk, a folder that is not ours
└── Cancelled              asked for, so not a failure: nothing was changed
"""

from __future__ import annotations


class JumpsError(Exception):
    """Base of all: its text is one message that a person can act on."""


class InputError(JumpsError):
    """The caller's data or arguments cannot be used."""


class FormatError(InputError):
    """A file that no reader understands, or that is damaged."""

    salvageable = False
    """Whether a part of the file is whole, which `salvage` would read."""


class TruncatedFile(FormatError):
    """A file that was cut off in the middle; the message says how much of it was whole."""


class UnknownPoints(FormatError):
    """A file that names its points, none of them as a joint of a person; `names` holds them, in the file's order."""

    def __init__(self, message: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class PersonNotFound(InputError):
    """A person id that the recording does not hold; the message lists those it holds."""


class NotEnoughJoints(InputError):
    """No frame shows enough of a body to place a skeleton."""


class WeightsError(JumpsError):
    """Weights are missing, damaged or of another version."""


class EngineError(JumpsError):
    """No such engine or device here, or the interpreter lacks torch."""


class WorkerError(JumpsError):
    """The worker process could not start, died, or spoke nonsense."""


class OutputError(JumpsError):
    """A result cannot be written."""


class Cancelled(JumpsError):
    """The user cancelled: nothing was changed."""
