"""The error of each joint, drawn on a body."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from jumps_blender.core.body.skeleton import INDEX, JOINTS

from .drawing import BONES, WIDTH, figure

_FRONT: Final = {
    "pelvis": (0.0, 0.0), "spine": (0.0, 0.22), "spine2": (0.0, 0.44), "spine3": (0.0, 0.66), "spine4": (0.0, 0.88),
    "neck": (0.0, 1.12), "head": (0.0, 1.36), "head_top": (0.0, 1.72),
    "clavicle": (0.24, 1.03), "shoulder": (0.48, 0.94),
    "elbow": (0.7, 0.5), "wrist": (0.86, 0.08), "hand": (0.94, -0.16), "hip": (0.22, -0.06), "knee": (0.3, -0.86),
    "ankle": (0.34, -1.62), "foot": (0.5, -1.84), "toe": (0.86, -1.96),
}  # fmt: skip
"""A body that faces the reader with its arms and feet a little out: right is its left, y up."""


def front_view() -> np.ndarray:
    """Places (28, 2) of the joints on the drawn body."""
    places = np.zeros((len(JOINTS), 2))
    for name, (x, y) in _FRONT.items():
        for prefix, side in (("", 1.0), ("left_", 1.0), ("right_", -1.0)):
            if prefix + name in INDEX:
                places[INDEX[prefix + name]] = side * x, y
    return places


def draw_bodies(errors: Mapping[str, np.ndarray], observed: np.ndarray, note: str, path: Path) -> None:
    """Mean errors (28,) in heads for each method, on bodies beside each other; joints that are shown are rings."""
    highest = max(float(np.nanmax(each)) for each in errors.values())
    with figure(path, height=3.9, width=min(WIDTH, 2.6 * len(errors) + 0.9)) as drawn:
        grid = drawn.subplots(1, len(errors), squeeze=False)[0]
        for axes, (name, each) in zip(grid, errors.items(), strict=True):
            shown = _draw_body(axes, each, observed, highest)
            hidden = np.nanmean(each[~observed])
            axes.set_title(f"{name}\nadded joints: {hidden:.3f} head on average")
        bar = drawn.colorbar(shown, ax=list(grid), fraction=0.03, pad=0.01, shrink=0.8)
        bar.set_label("mean error, heads of 22.5 cm")
        bar.outline.set_visible(False)
        drawn.supxlabel(f"numbers: hundredths of a head; rings: observed joints; {note}", fontsize=7.5, color="#555555")


def _number_place(joint: str, reach: float) -> tuple[float, float, str, str]:
    """Where a joint's number stands: x and y from its place, horizontal and vertical alignment."""
    side, _, part = joint.partition("_")
    if joint == "neck":  # the clavicles leave no room beside it
        return 0.0, 0.0, "center", "center"
    if part in ("clavicle", "foot"):
        return 0.0, reach if part == "clavicle" else -reach, "center", "bottom" if part == "clavicle" else "top"
    return (-reach, 0.0, "right", "center") if side == "right" else (reach, 0.0, "left", "center")


def _draw_body(axes: Axes, errors: np.ndarray, observed: np.ndarray, highest: float) -> mpl.cm.ScalarMappable:
    places = front_view()
    axes.add_collection(LineCollection([places[[a, b]] for a, b in BONES], colors="#cfcfcf", linewidths=2.5, zorder=1))
    scale = mpl.colors.Normalize(0, highest)
    colours = mpl.colormaps["viridis_r"](scale(errors))
    sizes = 25 + 420 * errors / highest
    axes.scatter(*places[~observed].T, s=sizes[~observed], c=colours[~observed], zorder=3, linewidths=0)
    axes.scatter(*places[observed].T, s=30, facecolors="white", edgecolors=colours[observed], linewidths=1.6, zorder=2)
    for joint in np.flatnonzero(~observed):
        reach = np.sqrt(sizes[joint]) / 160 + 0.05
        x, y, across, along = _number_place(JOINTS[joint], reach)
        axes.text(*(places[joint] + (x, y)), f"{100 * errors[joint]:.0f}", ha=across, va=along, fontsize=7)
    axes.set(xlim=(-1.25, 1.25), ylim=(-2.2, 1.95), aspect="equal")
    axes.set_axis_off()
    return mpl.cm.ScalarMappable(scale, "viridis_r")
