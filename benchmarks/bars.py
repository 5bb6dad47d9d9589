"""What the measurements are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .measure import LITERAL, Measurements, Row

FASTER: Final = 200.0
DEFAULT_FPS: Final = 500.0
AIM_FPS: Final = 5_000.0
BEST_FPS: Final = 30.0
MEMORY: Final = 1.5e9
COLD_START: Final = 2.0
RESOLVE: Final = 0.1
LINEAR: Final = 1.1
"""Slope of log processor time over log frames."""

_LONG: Final = 100_000
_USUAL: Final = 1_000
"""Frames from which on fixed costs, such as looking how noisy a clip is, no longer show."""


@dataclass(frozen=True)
class Bar:
    """`met` is None where it was not measured."""

    name: str
    wanted: str
    measured: str
    met: bool | None


def judge(found: Measurements) -> list[Bar]:
    """All bars."""
    return [
        _faster(found),
        _at_least(found, "default", DEFAULT_FPS, f" (aim {AIM_FPS:,.0f})"),
        _at_least(found, "best", BEST_FPS),
        _linear(found),
        _memory(found),
        _accuracy(found),
        _seconds("worker, cold start to its first window", found.worker.get("first"), COLD_START),
        _resolve(found),
    ]


def _missing(name: str, wanted: str) -> Bar:
    return Bar(name, wanted, "not measured", None)


def speed(found: Measurements, settings: str) -> tuple[float, Row] | None:
    """Frames per second of the better engine on its slower footage, one person, and the row that says so.

    Of each engine and footage the longest measured clip counts.
    """
    slowest: dict[tuple[str, str], Row] = {}
    for engine, device, kind in {(row.engine, row.device, row.kind) for row in found.rows}:
        rows = [
            row
            for row in found.rows
            if (row.settings, row.engine, row.device, row.kind) == (settings, engine, device, kind)
            and row.people == 1 and row.fps and not row.extrapolated
        ]  # fmt: skip
        if rows:
            row = max(rows, key=lambda row: row.frames)
            slowest[engine, device] = min(slowest.get((engine, device), row), row, key=lambda row: row.fps or 0.0)
    if not slowest:
        return None
    best = max(slowest.values(), key=lambda row: row.fps or 0.0)
    return best.fps or 0.0, best


def _says(row: Row) -> str:
    return f"{row.engine} on {row.device}, {row.frames:,} frames, {row.kind}"


def _faster(found: Measurements) -> Bar:
    name, wanted = "`default` next to the literal reference", f"at least {FASTER:.0f} times as fast"
    literal = next((row for row in found.reference if row.settings == LITERAL and row.fps), None)
    default = speed(found, "default")
    if literal is None or not literal.fps or default is None:
        return _missing(name, wanted)
    ratio = default[0] / literal.fps
    return Bar(
        name, wanted, f"{ratio:,.0f} times ({_says(default[1])}; literal {literal.fps:.2f} fps)", ratio >= FASTER
    )


def _at_least(found: Measurements, settings: str, least: float, aim: str = "") -> Bar:
    name, wanted = f"`{settings}`", f"at least {least:,.0f} frames per second{aim}"
    fastest = speed(found, settings)
    if fastest is None:
        return _missing(name, wanted)
    return Bar(name, wanted, f"{fastest[0]:,.0f} ({_says(fastest[1])})", fastest[0] >= least)


def slope(rows: list[Row]) -> float | None:
    """Slope of log processor time over log frames, by least squares; None with less than two lengths."""
    points = {row.frames: row.processor or row.seconds for row in rows if row.seconds and not row.extrapolated}
    if len(points) < 2:
        return None
    return float(np.polyfit(np.log(list(points)), np.log(list(points.values())), 1)[0])


def _linear(found: Measurements) -> Bar:
    name, wanted = "cost over frames, from 1,000 on", f"linear: exponent at most {LINEAR}"
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in found.rows:
        if row.people == 1 and row.frames >= _USUAL:
            groups.setdefault((row.settings, row.engine, row.device, row.kind), []).append(row)
    slopes = {key: value for key, rows in groups.items() if (value := slope(rows)) is not None}
    if not slopes:
        return _missing(name, wanted)
    steepest = max(slopes, key=lambda key: slopes[key])
    measured = f"{slopes[steepest]:.2f} at most (`{steepest[0]}`, {steepest[1]} on {steepest[2]}, {steepest[3]})"
    return Bar(name, wanted, measured, slopes[steepest] <= LINEAR)


def _memory(found: Measurements) -> Bar:
    name, wanted = f"memory at {_LONG:,} frames, one person", f"less than {MEMORY / 1e9:.1f} GB"
    rows = [row for row in found.rows if row.frames >= _LONG and row.people == 1 and row.memory]
    if not rows:
        return _missing(name, wanted)
    most = max(rows, key=lambda row: row.memory or 0)
    used = (most.memory or 0) / 1e9
    return Bar(name, wanted, f"{used:.2f} GB at most (`{most.settings}`, {_says(most)})", used < MEMORY / 1e9)


def _accuracy(found: Measurements) -> Bar:
    name, wanted = "accuracy of `default` on the reference's frames", "at least that of the literal reference"
    scores = {row.settings: row.accuracy for row in found.reference if row.accuracy}
    literal, default = scores.get(LITERAL), scores.get("default")
    if literal is None or default is None:
        return _missing(name, wanted)
    told = "; ".join(
        f"{joints} {default[joints]:.3f} head, literal {literal[joints]:.3f}" for joints in ("missing", "observed")
    )
    return Bar(name, wanted, told, all(default[joints] <= literal[joints] for joints in ("missing", "observed")))


def _seconds(name: str, seconds: float | None, most: float) -> Bar:
    wanted = f"less than {most:g} s"
    return _missing(name, wanted) if seconds is None else Bar(name, wanted, f"{seconds:.3f} s", seconds < most)


def _resolve(found: Measurements) -> Bar:
    name = "re-solve after one moved joint"
    # Nothing is waited for: what the clock shows beyond the processor's time, other processes had.
    times = {at: min(told["seconds"], told["processor"]) for at, told in found.update.items() if "seconds" in told}
    if not times:
        reasons = {told.get("missing", "") for told in found.update.values()}
        return Bar(name, f"less than {RESOLVE:g} s", "; ".join(sorted(reasons)) or "not measured", None)
    fastest = min(times, key=lambda at: times[at])
    clock = found.update[fastest]["seconds"]
    measured = f"{times[fastest]:.3f} s of processor time, {clock:.3f} s by the clock ({fastest})"
    return Bar(name, f"less than {RESOLVE:g} s", measured, times[fastest] < RESOLVE)
