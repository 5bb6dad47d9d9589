"""Frames per second and the time that remains."""

from __future__ import annotations

import pytest

from jumps_blender.ui.pace import Pace, describe_seconds
from jumps_blender.ui.work import Glances


def test_nothing_is_foretold_too_soon() -> None:
    pace = Pace(1000)
    assert pace.text == ""
    pace.note(0.0, 10.0)
    pace.note(0.5, 10.1)
    assert pace.text == ""


@pytest.mark.parametrize(
    ("frames", "share", "seconds", "text"),
    [
        (10_000, 0.25, 1.0, "2,500 frames/s, 3 s left"),
        (1000, 0.5, 400.0, "1.2 frames/s, 7 min left"),
        (230, 1.0, 1.0, "230 frames/s, 1 s left"),
        (1000, 0.1, 1200.0, "0.1 frames/s, 3 h 00 min left"),
    ],
)
def test_what_remains_follows_the_pace(frames: int, share: float, seconds: float, text: str) -> None:
    pace = Pace(frames)
    pace.note(0.0, 5.0)
    pace.note(share, 5.0 + seconds)
    assert pace.text == text


def test_a_start_in_the_middle_counts_from_there() -> None:
    pace = Pace(100)
    pace.note(0.5, 0.0)
    pace.note(0.75, 5.0)
    assert pace.text == "5.0 frames/s, 5 s left"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "1 s"), (59.4, "59 s"), (59.6, "1 min"), (3599, "1 h 00 min"), (7260, "2 h 01 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert describe_seconds(seconds) == text


def test_progress_is_shown_less_often_where_drawing_takes_long() -> None:
    for drawing, shown in ((0.001, 10), (0.5, 1)):
        glances, moment, count = Glances(), 10.0, 0
        while moment < 11.0:
            glances.note(moment)
            moment += 0.02
            if glances.due(moment):
                moment, count = moment + drawing, count + 1
        assert abs(count - shown) <= 1
