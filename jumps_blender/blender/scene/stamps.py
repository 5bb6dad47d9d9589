"""What an armature shows and holds as a number, to tell after a while whether it is still what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import bpy

from ...errors import InputError
from .actions import keys_digest

OURS: Final = "jumps_"
"""How the names of custom properties begin that we keep with armatures."""


@dataclass(frozen=True)
class Stamp:
    """Of an armature's location keys, the Action that has them, and what we keep with it."""

    keys: int
    action: str
    kept: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, ob: bpy.types.Object) -> Stamp:
        """The stamp of an armature now."""
        animation: Any = ob.animation_data
        action = animation.action.name if animation and animation.action else ""
        holder: Any = ob
        ours = sorted(key for key in holder.keys() if key.startswith(OURS))  # noqa: SIM118 - an object is no mapping
        return cls(keys_digest(ob), action, tuple((key, _mark(ob[key])) for key in ours))


def unchanged(find: Callable[[], bpy.types.Object], stamp: Stamp) -> bpy.types.Object:
    """The armature, which is as it was.

    Raises:
        InputError: somebody changed it; and what `find` raises.

    """
    ob = find()
    if Stamp.of(ob) != stamp:
        raise changed(ob.name)
    return ob


def changed(name: str) -> InputError:
    """What to say of an object that is not what it was when work on it began."""
    return InputError(f"{name!r} was changed meanwhile, by an undo or a script: nothing was done, run again.")


def _mark(value: Any) -> str:
    """A record by its header, which holds a digest of the rest; all else as it is, also what was written over one."""
    return str(value.get("header") or value.to_dict()) if hasattr(value, "to_dict") else str(value)
