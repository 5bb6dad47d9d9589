"""What operators on a result have in common: when they may run, and that rigs follow what they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from ...blender.records import SOURCE
from ...blender.retarget.follow import following
from ...blender.scene.handles import Handle
from ...blender.scene.present import layer_of
from ...blender.scene.slices import Slices
from ..work import Work
from .in_slices import InSlices
from .refusals import Shared, active_holds


class OnResult:
    """An operator on the active result. It has no annotations: 4.2 crashes at its end where two classes share some."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result is active that can be changed, and nothing runs; a grey button says why not."""
        operator: Any = cls
        return active_holds(operator, context, SOURCE, "a result: the armature with 28 joints that was upsampled")


def active_result(context: bpy.types.Context) -> bpy.types.Object:
    """The result that the poll has seen."""
    ob = layer_of(context).objects.active
    assert ob, "the poll"
    return ob


class ChangesResult(InSlices, OnResult):
    """An operator that changes the active result in slices; rigs follow. It has no annotations, as `OnResult`."""

    def changing(
        self: Any, context: bpy.types.Context, find: Callable[[], bpy.types.Object], work: Work, seconds: float
    ) -> Slices[str]:
        """Change the result, in slices of so many seconds; raises what `slices` does. Returns what to report."""
        raise NotImplementedError

    def slices(self: Any, context: bpy.types.Context, work: Work, seconds: float) -> Slices[str]:
        """Change the result, and let the rigs that it leads follow."""
        ob = active_result(context)
        find, shared = Handle.of(ob).find, Shared.of(ob)
        said: str = yield from self.changing(context, find, work, seconds)
        work.changed = True
        shared.tell(self, find())
        yield
        for warning in (yield from following(context, find(), seconds)):
            self.report({"WARNING"}, warning)
        return said
