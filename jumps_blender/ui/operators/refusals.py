"""Why an operator does not do what was asked: reasons that grey its button, and errors while it works."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import bpy

from ...errors import JumpsError

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

Self = TypeVar("Self", bound=Any)


def allowed(operator: type[bpy.types.Operator], said: str) -> bool:
    """For `poll`: whether nothing is in the way; else the tooltip says what."""
    if said:
        operator.poll_message_set(said)
    return not said


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
