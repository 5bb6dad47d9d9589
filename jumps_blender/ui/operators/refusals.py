"""Why an operator does not do what was asked: reasons that grey its button, and errors while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import bpy

from ...blender.scene.present import layer_of
from ...blender.scene.shared_actions import action_of, sharers
from ...errors import JumpsError
from ..work import busy

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

Self = TypeVar("Self", bound=Any)


def allowed(operator: type[bpy.types.Operator], said: str) -> bool:
    """For `poll`: whether nothing is in the way; else the tooltip says what."""
    if said:
        operator.poll_message_set(said)
    return not said


def active_holds(operator: type[bpy.types.Operator], context: bpy.types.Context, record: str, expected: str) -> bool:
    """For `poll`: whether the active armature holds a record, may be changed, and nothing runs; else told why not.

    `expected` is what the active object must be.
    """
    ob = layer_of(context).objects.active
    if ob is None or ob.type != "ARMATURE" or ob.get(record) is None:
        return allowed(operator, busy() or f"The active object must be {expected}")
    return allowed(operator, busy() or why_not_changed(ob))


def why_not_changed(ob: bpy.types.Object) -> str:
    """Why what JUMPS keeps with an armature cannot be changed here and now; empty where it can.

    Of an override Blender saves keys and poses, but not what we store with the object: keys without it are worthless.
    """
    animation: Any = ob.animation_data
    if ob.mode == "EDIT":
        return f"{ob.name} is in edit mode, where Blender undoes nothing but bones: leave it (Tab)"
    if ob.library or ob.override_library:
        return f"{ob.name} is kept in another file: append it, or make it local (Object > Relations > Make Local)"
    if animation and animation.action and animation.action.library:
        return f"The Action of {ob.name} is linked from another file: make it local, too"
    return ""


@dataclass(frozen=True)
class Shared:
    """An object's Action by name, and the objects that share it."""

    action: str
    others: tuple[str, ...]

    @classmethod
    def of(cls, ob: bpy.types.Object) -> Shared:
        """As it is now."""
        return cls(action_of(ob), sharers(ob))

    def tell(self, operator: bpy.types.Operator, ob: bpy.types.Object) -> None:
        """Tell, where the object has got an Action of its own since, who keeps the other."""
        if action_of(ob) != self.action:
            more = f" and {len(self.others) - 1} more" if len(self.others) > 1 else ""
            operator.report(
                {"WARNING"}, f"{ob.name!r} shared its Action with {self.others[0]!r}{more}: it has one of its own now"
            )


@contextmanager
def telling_of_copy(operator: bpy.types.Operator, ob: bpy.types.Object) -> Iterator[None]:
    """Tell, where an object that shared its Action gets one of its own, who keeps the other."""
    shared = Shared.of(ob)
    yield
    shared.tell(operator, ob)


def refusing(
    execute: Callable[[Self, bpy.types.Context], None],
) -> Callable[[Self, bpy.types.Context], set[OperatorReturnItems]]:
    """Make an operator's `execute` of work that may raise a `JumpsError`: the operator then reports it, and ends."""

    @wraps(execute)
    def executed(self: Self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        try:
            execute(self, context)
        except JumpsError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

    return executed
