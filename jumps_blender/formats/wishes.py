"""What the caller knows better than the file: it wins over every guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..core.body.joint_sets import JointSet
from ..errors import InputError

VIEWS: Final = ("auto", "front", "back", "left", "right")
"""Sides from which three dimensions are seen; the person's own left and right."""
UPS: Final = ("auto", "x", "y", "z", "-x", "-y", "-z")
"""Axes that point up."""


@dataclass(frozen=True)
class Wishes:
    """How a file is to be read.

    Attributes:
        joint_set: an id, a list of names or a `JointSet`.
        names: what the file's own names of points mean: a name of a joint or point, or "" for nothing.
        view: one of `VIEWS`, for files of three dimensions.
        up: one of `UPS`, likewise.

    Raises:
        InputError: there is no such view or axis.

    """

    joint_set: str | JointSet | Sequence[str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    view: str = "auto"
    up: str = "auto"

    def __post_init__(self) -> None:
        for what, value, known in (("view", self.view, VIEWS), ("axis", self.up, UPS)):
            if value not in known:
                raise InputError(f"There is no {what} {value!r}; known: {', '.join(known)}.")


NONE: Final = Wishes()
