"""How figures look: colours that colour-blind readers can tell apart, poses, and small PNG files."""

from __future__ import annotations

import io
import os
import re
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from PIL import Image

from jumps_blender.core.body.skeleton import JOINTS, PARENTS

WIDTH: Final = 8.3
"""Inches of a figure that is as wide as a page of the README."""

DPI: Final = 160
PALETTE: Final = 64
"""Colours of a PNG: line drawings need no more."""

LEFT, RIGHT, MIDDLE = "#0077bb", "#cc3311", "#444444"
"""Blue and red as Blender's bones have them: the body's left, its right, its axis."""

TRUTH: Final = "#c4c4c4"
QUIET: Final = "#555555"
SHADE: Final = "#fff3c4"
"""Behind what was hidden."""

STYLE: Final = {
    "font.size": 8.0, "axes.titlesize": 8.5, "axes.labelsize": 8.0, "legend.fontsize": 7.5, "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": "#e4e4e4", "grid.linewidth": 0.6, "axes.axisbelow": True, "lines.linewidth": 1.4,
    "legend.frameon": False, "svg.hashsalt": "figures",
}  # fmt: skip


SOURCES: Final = {
    "cmu_amc": "CMU", "cmu_conversions": "CMU, one body", "cmu_bvh_daz": "CMU, one body",
    "cmu_bvh_fbx": "CMU, one body", "cmu_bvh_mb": "CMU, one body", "uiprmd": "UI-PRMD",
    "hdm05": "HDM05, never trained on",
}  # fmt: skip
"""What readers know the sources by."""


def readable(label: str, width: int = 26) -> str:
    """A label of a motion as words, in lines of at most `width` characters."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", label).lower()
    words = re.sub(r" (\d+ (reps|hops|steps)|\(performed).*", "", words)
    words = re.sub(r"\bl\b", "left", re.sub(r"\br\b", "right", words))
    return textwrap.fill(words, width)


@dataclass(frozen=True)
class Look:
    """How one method's lines look in every figure."""

    colour: str
    width: float = 1.3
    dash: str = "-"


LOOKS: Final = {
    "JUMPS, default": Look("#0072b2", 2.4),
    "JUMPS, best": Look("#56b4e9", 1.6),
    "JUMPS, draft": Look("#009e73", 1.6),
    "JUMPS, paper": Look("#cc79a7", 1.6),
    "JUMPS, w/o overlap": Look("#cc79a7", 1.4, ":"),
    "window ridge": Look("#d55e00", 1.8, "--"),
    "window ridge, noisy": Look("#d55e00", 1.4, ":"),
    "ridge + MLP": Look("#e69f00", 1.6, "--"),
    "ridge + MLP, noisy": Look("#e69f00", 1.4, ":"),
    "Gaussian": Look("#000000", 1.1, "-."),
}
_OTHER: Final = (
    Look("#888888", 1.0, "-"), Look("#888888", 1.0, "--"), Look("#888888", 1.0, ":"), Look("#888888", 1.0, "-."),
    Look("#bbbbbb", 1.0, "-"), Look("#bbbbbb", 1.0, "--"),
)  # fmt: skip


def looks(methods: list[str]) -> dict[str, Look]:
    """A look for each method: its own everywhere, or one of the greys in turn."""
    rest = [name for name in methods if name not in LOOKS]
    return {name: LOOKS.get(name) or _OTHER[rest.index(name) % len(_OTHER)] for name in methods}


@contextmanager
def figure(path: Path, height: float, width: float = WIDTH, palette: int = PALETTE) -> Iterator[Figure]:
    """A figure of inches that is written to `path` as PNG when all is drawn, or not at all.

    The same drawing gives the same bytes; no display is needed.
    """
    with mpl.rc_context(STYLE):
        drawn = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        yield drawn
        buffer = io.BytesIO()
        drawn.savefig(buffer, format="png", metadata={"Software": None})
    with Image.open(buffer) as picture:
        small = picture.convert("RGB").quantize(palette, dither=Image.Dither.NONE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as temporary:
        written = Path(temporary, path.name)
        small.save(written, optimize=True)
        os.replace(written, path)


BONES: Final = tuple((parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0)
_SIDES: Final = {"left": LEFT, "right": RIGHT}
_PALE: Final = {LEFT: "#a9d3ee", RIGHT: "#f3bdb0", MIDDLE: TRUTH}


def side_colour(joint: int) -> str:
    """The colour of a joint's side of the body."""
    return _SIDES.get(JOINTS[joint].partition("_")[0], MIDDLE)


def pale_colour(joint: int) -> str:
    """The same, for what lies behind."""
    return _PALE[side_colour(joint)]


def draw_pose(
    axes: Axes, pose: np.ndarray, at: tuple[float, float] = (0.0, 0.0), width: float = 1.2,
    colour_of: Callable[[int], str] = side_colour,
) -> None:  # fmt: skip
    """Draw the bones of a pose (28, 2), y down, moved by `at`, each coloured by its outer joint; NaN is left out."""
    points = pose + np.asarray(at)
    drawn = [(a, b) for a, b in BONES if np.isfinite(points[[a, b]]).all()]
    colours = [colour_of(b) for _, b in drawn]
    axes.add_collection(LineCollection([points[[a, b]] for a, b in drawn], colors=colours, linewidths=width))


def grey(_joint: int) -> str:
    """One colour for all of the truth."""
    return TRUTH


def draw_points(axes: Axes, pose: np.ndarray, at: tuple[float, float] = (0.0, 0.0), size: float = 4.0) -> None:
    """Draw the joints of a pose (28, 2) that are there, in their sides' colours."""
    points = pose + np.asarray(at)
    seen = np.isfinite(points).all(-1)
    colours = [side_colour(int(joint)) for joint in np.flatnonzero(seen)]
    axes.scatter(points[seen, 0], points[seen, 1], s=size, c=colours, linewidths=0, zorder=3)


_LIMB_LINES: Final = (
    ("left_shoulder", "left_elbow", "left_wrist"), ("right_shoulder", "right_elbow", "right_wrist"),
    ("left_hip", "left_knee", "left_ankle"), ("right_hip", "right_knee", "right_ankle"),
)  # fmt: skip
_TORSO: Final = ("left_shoulder", "right_shoulder", "right_hip", "left_hip", "left_shoulder")


def draw_observed(axes: Axes, pose: np.ndarray, at: tuple[float, float] = (0.0, 0.0), width: float = 1.0) -> None:
    """Draw the observed limb joints of a pose (28, 2) with thin lines between them; NaN = not observed."""
    for chain in (*_LIMB_LINES, _TORSO):
        points = (pose + np.asarray(at))[[JOINTS.index(name) for name in chain]]
        colour = MIDDLE if chain is _TORSO else side_colour(JOINTS.index(chain[0]))
        axes.plot(*points.T, color=colour, linewidth=width / 2 if chain is _TORSO else width, alpha=0.6)
    draw_points(axes, pose, at, 7 * width)


def bare(axes: Axes) -> None:
    """Leave axes for pictures: no frame, no ticks, equal units, y down."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.invert_yaxis()
