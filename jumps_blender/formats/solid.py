"""Points in three dimensions as a camera far away would see them, from a side of the person.

The person's own left and right tell where the front is, and what lies between feet and head which axis points up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import FormatError
from .wishes import Wishes

PIXELS: Final = 500.0
"""Per metre, in the picture that comes out."""
DAMAGED_BEYOND: Final = 1e7
"""A coordinate that nothing is at, in any unit."""
LARGEST: Final = 16_000
"""Pixels of that picture, at most, along either side."""
BODY: Final = (0.25, 4.0)
"""Metres that a body's points may span: crouching, and with stretched arms."""
TALL: Final = 1.7
"""Metres that a body is taken to span where no unit fits."""
_UNITS: Final = {"m": 1.0, "mm": 0.001, "cm": 0.01, "in": 0.0254}
_MARGIN: Final = 0.1
_STEADY: Final = 0.3
"""Mean of the unit vectors to somebody's left below which the person turns around too much to have a front."""
_FLAT: Final = 0.15
"""Depth of a body, in parts of its width, below which a file has no third dimension to speak of."""
_HIGH: Final = ("head_top", "head", "nose", "left_ear", "right_ear", "neck", "left_shoulder", "right_shoulder")
_LOW: Final = ("left_ankle", "right_ankle", "left_big_toe", "right_big_toe", "left_knee", "right_knee", "mid_hip",
               "left_hip", "right_hip", "pelvis")  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """`positions` (bodies, joints, 2), pixels, y down; `image_size` of the picture that holds them; `view` in words."""

    positions: np.ndarray
    image_size: tuple[int, int]
    view: str
    warnings: tuple[str, ...] = ()


def look_at(clouds: np.ndarray, joints: tuple[str, ...], wishes: Wishes, unit: str) -> Seen:
    """Project bodies.

    Args:
        clouds: (bodies, joints, 3), NaN = not given; right-handed axes.
        joints: names, as the joint sets have them.
        wishes: the side and the axis that the user chose.
        unit: "m", "mm", "cm" or "in"; believed where a body then has a body's size.

    Raises:
        FormatError: coordinates that nothing is at.

    """
    clouds = np.where(np.isfinite(clouds).all(-1, keepdims=True), clouds, np.nan)
    if (np.abs(np.nan_to_num(clouds)) > DAMAGED_BEYOND).any():
        raise FormatError(f"A coordinate beyond {DAMAGED_BEYOND:g} in three dimensions: the data are damaged.")
    metres, warnings = _metres(clouds, unit)
    up, up_said = _up(clouds, joints, wishes)
    across, side_said = _across(clouds, joints, wishes, up)
    flat = np.stack([clouds @ across, -(clouds @ up)], -1) * (metres * PIXELS)
    given = flat[np.isfinite(flat).all(-1)]
    low, high = np.percentile(given, 1, axis=0), np.percentile(given, 99, axis=0)
    room = _MARGIN * float((high - low).max()) + 1.0
    size = high - low + 2 * room
    shrunk = min(1.0, LARGEST / float(size.max()))
    width, height = (max(1, int(np.ceil(side))) for side in size * shrunk)
    view = f"{side_said}, {up_said} up, {PIXELS * shrunk:.0f} pixels to a metre"
    return Seen((flat - low + room) * shrunk, (width, height), view, warnings)


def body_span(clouds: np.ndarray) -> float:
    """Median diagonal of the boxes around bodies, in the file's unit; NaN where nobody shows two points."""
    seen = np.isfinite(clouds).all(-1)
    some, there = clouds[seen.sum(1) > 1], seen[seen.sum(1) > 1][..., None]
    if not len(some):
        return float("nan")
    low, high = np.where(there, some, np.inf).min(1), np.where(there, some, -np.inf).max(1)
    with np.errstate(over="ignore"):  # a damaged number
        return float(np.median(np.linalg.norm(high - low, axis=-1)))


def _metres(clouds: np.ndarray, unit: str) -> tuple[float, tuple[str, ...]]:
    """Metres of the file's unit, and a note where the file cannot mean what it says."""
    span = body_span(clouds)
    told = _UNITS.get(unit)
    if told and (not np.isfinite(span) or BODY[0] <= span * told <= BODY[1]):
        return told, ()
    other = next((name for name, metres in _UNITS.items() if BODY[0] <= span * metres <= BODY[1]), None)
    says = f"says its unit is {unit[:10]}" if unit != "?" else "does not say its unit"
    said = f"The file {says}, and a body spans {span:.3g} of it"
    if other:
        return _UNITS[other], (f"{said}: taken as {other}.",)
    return (TALL / span if span > 0 else 1.0), (f"{said}: no body does; scaled to {TALL} metres.",)


def _axis(which: str) -> np.ndarray:
    axis = np.zeros(3)
    axis["xyz".index(which[-1])] = -1.0 if which.startswith("-") else 1.0
    return axis


def _up(clouds: np.ndarray, joints: tuple[str, ...], wishes: Wishes) -> tuple[np.ndarray, str]:
    if wishes.up != "auto":
        return _axis(wishes.up), wishes.up
    high, low = _middle(clouds, joints, _HIGH), _middle(clouds, joints, _LOW)
    rise = (high - low)[np.isfinite(high - low).all(-1)]
    if not len(rise):
        return _axis("y"), "y"
    mean = np.median(rise, axis=0)
    i = int(np.argmax(np.abs(mean)))
    which = ("-" if mean[i] < 0 else "") + "xyz"[i]
    return _axis(which), which


def _middle(clouds: np.ndarray, joints: tuple[str, ...], names: tuple[str, ...]) -> np.ndarray:
    """(bodies, 3) mean of those points of these names that are given; NaN where there are none."""
    columns = [joints.index(name) for name in names if name in joints]
    points = clouds[:, columns]
    there = np.isfinite(points).all(-1)
    count = there.sum(1)[:, None]
    total = np.where(there[..., None], points, 0.0).sum(1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _across(clouds: np.ndarray, joints: tuple[str, ...], wishes: Wishes, up: np.ndarray) -> tuple[np.ndarray, str]:
    """The direction that the picture's columns run in, and the side that is seen."""
    ground = np.eye(3) - np.outer(up, up)
    left, turns = _leftwards(clouds, joints, ground)
    if wishes.view != "auto":
        forward = np.cross(left, up)
        across = {"front": left, "back": -left, "left": -forward, "right": forward}[wishes.view]
        said = " where it faces in the first frames" if turns else ""
        return across, f"seen from the {wishes.view}{said}"
    widest, thin = _widest(clouds, ground)
    if thin or not left.any():
        return widest * (1.0 if widest[np.argmax(np.abs(widest))] > 0 else -1.0), "seen as it lies, at its widest"
    across = widest * (1.0 if widest @ left >= 0 else -1.0)
    return across, "seen from where it moves most, rather from the front"


def _leftwards(clouds: np.ndarray, joints: tuple[str, ...], ground: np.ndarray) -> tuple[np.ndarray, bool]:
    """Unit vector to the person's left on the ground, 0 where it cannot be told, and whether the person turns."""
    sides = [_middle(clouds, joints, (f"{side}_shoulder", f"{side}_hip")) for side in ("left", "right")]
    apart = (sides[0] - sides[1]) @ ground
    apart = apart[np.isfinite(apart).all(-1)]
    length = np.linalg.norm(apart, axis=-1, keepdims=True)
    units = (apart / np.where(length > 0, length, np.inf))[length[:, 0] > 0]
    if not len(units):
        return np.zeros(3), False
    mean = units.mean(0)
    turns = bool(np.linalg.norm(mean) < _STEADY)
    mean = units[:10].mean(0) if turns else mean
    length = np.linalg.norm(mean)
    return (mean / length if length > 0 else units[0]), turns


def _widest(clouds: np.ndarray, ground: np.ndarray) -> tuple[np.ndarray, bool]:
    """The direction on the ground in which points lie farthest apart, and whether they hardly do in the other one."""
    there = np.isfinite(clouds).all(-1)
    points = np.where(there[..., None], clouds, 0.0) @ ground
    middle = points.sum(1, keepdims=True) / np.maximum(there.sum(1), 1)[:, None, None]
    spread = np.linalg.eigvalsh(_covariance((points - middle)[there]))
    _, axes = np.linalg.eigh(_covariance(points[there] - points[there].mean(0)))
    thin = bool(np.sqrt(max(spread[1], 0.0)) < _FLAT * np.sqrt(max(spread[2], 1e-30)))
    return axes[:, 2], thin


def _covariance(points: np.ndarray) -> np.ndarray:
    return points.T @ points / max(len(points), 1)
