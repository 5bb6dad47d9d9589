"""What counts as met, missed and not measured."""

from dataclasses import replace

import pytest

from benchmarks.bars import judge, slope
from benchmarks.measure import LITERAL, Measurements, Row

GOOD = {"missing": 0.2, "observed": 0.1, "pckh": 0.3, "auc": 0.8}


def row(settings="default", frames=1000, fps=1000.0, kind="varied", memory=10**8, **others):
    return Row(settings, "numpy", "cpu", kind, frames, 1, frames / fps, fps, 0.1, memory, **others)


def found(**others):
    """A machine that meets every bar."""
    rows = [row(preset, frames) for preset in ("default", "best") for frames in (1000, 100_000)]
    reference = [row(LITERAL, 240, 2.0, accuracy=GOOD), row(frames=240, accuracy=GOOD)]
    at_once = {"numpy on cpu": {"seconds": 0.05, "processor": 0.04}}
    return replace(Measurements({}, "", reference, rows, {}, {"first": 1.0}, at_once), **others)


def met(measurements):
    return [bar.met for bar in judge(measurements)]


def test_a_fast_machine_meets_all():
    assert met(found()) == [True] * 8


def test_nothing_measured_is_not_met_and_not_missed():
    nothing = Measurements({"missing": ""}, "", [], [], {}, {"missing": "broken"}, {})
    assert met(nothing) == [None] * 8


@pytest.mark.parametrize(
    ("which", "others"),
    [
        (0, {"reference": [row(LITERAL, 240, 6.0, accuracy=GOOD), row(frames=240, accuracy=GOOD)]}),
        (1, {"rows": [row(fps=1000.0), row(fps=450.0, kind="uniform")]}),
        (2, {"rows": [row("best", fps=20.0)]}),
        (3, {"rows": [row(), row(frames=100_000, fps=200.0)]}),
        (4, {"rows": [row(frames=100_000, memory=1_600_000_000)]}),
        (5, {"reference": [row(LITERAL, 240, 2.0, accuracy=GOOD), row(accuracy=GOOD | {"observed": 0.11})]}),
        (6, {"worker": {"first": 2.5}}),
        (7, {"update": {"numpy on cpu": {"seconds": 0.2, "processor": 0.15}}}),
    ],
)
def test_each_bar_can_be_missed(which, others):
    assert met(found(**others))[which] is False


def test_what_is_extrapolated_proves_nothing():
    assert met(found(rows=[row(extrapolated=True)]))[1] is None


def test_the_better_engine_counts_on_its_harder_footage():
    slow = [row(fps=300.0), row(fps=400.0, kind="uniform")]
    fast = [replace(one, engine="torch", fps=2 * one.fps) for one in slow]
    bar = judge(found(rows=slow + fast))[1]
    assert bar.measured.startswith("600 (torch on cpu")
    assert bar.met


@pytest.mark.parametrize("exponent", [0.9, 1.0, 1.5])
def test_slope_is_the_exponent_of_the_cost(exponent):
    rows = [replace(row(frames=frames), seconds=3e-4 * frames**exponent) for frames in (1000, 5000, 100_000)]
    assert slope(rows) == pytest.approx(exponent)


def test_one_length_has_no_slope():
    assert slope([row(), row(kind="uniform")]) is None
