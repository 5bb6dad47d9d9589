"""An object that is worked on while Blender is free: a handle finds it again after undo, and under another name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import bpy

from ...errors import InputError


@dataclass(frozen=True)
class Handle:
    """An armature, by the number that Blender gives it for the session; `name` is what it was called."""

    name: str
    uid: int

    @classmethod
    def of(cls, ob: bpy.types.Object) -> Handle:
        """The handle of an armature."""
        return cls(ob.name, ob.session_uid)

    def find(self) -> bpy.types.Object:
        """The armature, as it is now.

        Raises:
            InputError: it is gone.

        """
        for ob in chain([bpy.data.objects.get(self.name)], bpy.data.objects):
            if ob is not None and ob.session_uid == self.uid and ob.type == "ARMATURE":
                return ob
        raise InputError(f"The armature {self.name!r} was deleted meanwhile: undo that, and run again.")
