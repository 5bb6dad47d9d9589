"""What operators on a result have in common: when they may run, and that rigs follow what they change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import bpy

from ...blender.records import SOURCE
from ...blender.retarget.follow import follow
from ...blender.scene.present import layer_of
from ..work import busy
from .refusals import allowed, kept_elsewhere, refusing, telling_of_copy

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

Self = TypeVar("Self", bound=Any)


class OnResult:
    """An operator on the active result. It has no annotations: 4.2 crashes at its end where two classes share some."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result is active that can be changed, and nothing runs; a grey button says why not."""
        operator: Any = cls
        return has_result(operator, context)


def has_result(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether a result is active that can be changed, and nothing runs; tells the operator why not."""
    ob = layer_of(context).objects.active
    if said := busy():
        cls.poll_message_set(said)
    elif ob is None or ob.type != "ARMATURE" or ob.get(SOURCE) is None:
        cls.poll_message_set("The active object must be a result: the armature with 28 joints that was upsampled")
    else:
        return allowed(cls, kept_elsewhere(ob))
    return False


def active_result(context: bpy.types.Context) -> bpy.types.Object:
    """The result that the poll has seen."""
    ob = layer_of(context).objects.active
    assert ob, "the poll"
    return ob


def changing(
    execute: Callable[[Self, bpy.types.Context, bpy.types.Object], None],
) -> Callable[[Self, bpy.types.Context], set[OperatorReturnItems]]:
    """Make an operator's `execute` of work that changes the active result and may raise a `JumpsError`."""

    @wraps(execute)
    def changed(self: Self, context: bpy.types.Context) -> None:
        ob = active_result(context)
        with telling_of_copy(self, ob):
            execute(self, context, ob)
        for said in follow(context, ob):
            self.report({"WARNING"}, said)

    return refusing(changed)
