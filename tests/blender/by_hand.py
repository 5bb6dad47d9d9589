"""The operator that upsamples, driven by hand as a window drives it: Blender without one runs no modal operator."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from jumps_blender.blender.records import Choices
from jumps_blender.ui.jobs import STATE, Job
from jumps_blender.ui.operators.upsample import JUMPS_OT_upsample

TIMER = SimpleNamespace(type="TIMER", value="NOTHING")
ESC = SimpleNamespace(type="ESC", value="PRESS")
MOUSE = SimpleNamespace(type="MOUSEMOVE", value="NOTHING")


class Driven:
    """The operator's methods on a plain object that keeps its reports."""

    _timer = _job = None
    _shown = 0.0
    invoke, modal, cancel = JUMPS_OT_upsample.invoke, JUMPS_OT_upsample.modal, JUMPS_OT_upsample.cancel
    _begin, _finish, _fail = JUMPS_OT_upsample._begin, JUMPS_OT_upsample._finish, JUMPS_OT_upsample._fail
    _leave, _stop_timer = JUMPS_OT_upsample._leave, JUMPS_OT_upsample._stop_timer

    def __init__(self, **options: Any) -> None:
        self.reports: list[tuple[set[str], str]] = []
        plain = {**asdict(Choices()), "frames": "CLIP", "first_frame": 1, "last_frame": 250}
        self.__dict__.update(plain | options)

    def report(self, kind: set[str], text: str) -> None:
        self.reports.append((kind, text))


class Manager:
    """A window manager that counts timers."""

    def __init__(self) -> None:
        self.timers: list[object] = []
        self.windows: list[object] = []

    def event_timer_add(self, _seconds: float, window: object) -> object:
        self.timers.append(object())
        return self.timers[-1]

    def event_timer_remove(self, timer: object) -> None:
        self.timers.remove(timer)

    def modal_handler_add(self, _operator: object) -> None:
        pass


def run(operator: Any, context: Any, seconds: float = 30) -> set[str]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        outcome = operator.modal(context, TIMER)
        if outcome != {"PASS_THROUGH"}:
            return outcome
        time.sleep(0.01)
    raise TimeoutError


def until(operator: Any, context: Any, reached: Callable[[Job], object]) -> Any:
    """Tick until a job has come so far; the job."""
    while not reached(STATE.job):
        assert operator.modal(context, TIMER) == {"PASS_THROUGH"}
        time.sleep(0.01)
    return STATE.job


def start(context: Any, **options: Any) -> Any:
    operator: Any = Driven(**options)
    assert operator.invoke(context, None) == {"RUNNING_MODAL"}
    return operator
