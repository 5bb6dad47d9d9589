"""A pose of a contact sheet as SVG: left and right in two colours, halos of uncertainty, rejected points crossed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ..core.body.skeleton import JOINTS, PARENTS

WIDTH, HEIGHT = 144, 170
"""Of a picture, in the units of `sheet`."""

_SIDES: Final = ("left", "right", "middle")
_HEAD: Final = JOINTS.index("head_top")
_HEAD_FROM: Final = JOINTS.index("head")


def figure(pose: dict[str, Any]) -> str:
    """One pose; its colours are the page's classes."""
    joints, frame = pose["joints"], int(pose["frame"])
    bones = "".join(f'<path class="{side}" d="{_bones(joints, side)}"/>' for side in _SIDES)
    halos = "".join(
        f'<circle class="halo" cx="{int(x)}" cy="{int(y)}" r="{int(radius)}"/>'
        for (x, y), radius in zip(joints, pose["halo"], strict=True) if radius
    )  # fmt: skip
    seen = _marks(pose["seen"], "seen", "M{0} {1}h.1")
    crossed = _marks(pose["rejected"], "rejected", "M{2} {3}l8 8m0-8l-8 8")
    swapped = "".join(f" · {name} swapped" for name in pose["swapped"])
    mood = " bad" if pose["rejected"] or pose["swapped"] else ""
    box = f"{-WIDTH // 2} {-HEIGHT // 2} {WIDTH} {HEIGHT + 16}"
    parts = (
        f'<svg viewBox="{box}" role="img" class="pose{mood}"><title>frame {frame}{swapped}</title>',
        f'<g class="halos">{halos}</g>{bones}{_skull(joints)}{seen}{crossed}',
        f'<text x="0" y="{HEIGHT // 2 + 12}">{frame}{swapped}</text></svg>',
    )
    return "".join(parts)


def side_of(joint: str) -> str:
    """Whose colour a joint has."""
    side = joint.partition("_")[0]
    return side if side in ("left", "right") else "middle"


def _bones(joints: Sequence[Sequence[int]], side: str) -> str:
    return "".join(
        f"M{int(joints[parent][0])} {int(joints[parent][1])}L{int(joints[child][0])} {int(joints[child][1])}"
        for child, parent in enumerate(PARENTS)
        if parent >= 0 and side_of(JOINTS[child]) == side
    )


def _skull(joints: Sequence[Sequence[int]]) -> str:
    (x, y), (top_x, top_y) = joints[_HEAD_FROM], joints[_HEAD]
    radius = max(4, round(((x - top_x) ** 2 + (y - top_y) ** 2) ** 0.5 / 2))
    return f'<circle class="skull" cx="{(x + top_x) // 2}" cy="{(y + top_y) // 2}" r="{min(radius, 20)}"/>'


def _marks(points: Sequence[Sequence[int]], kind: str, mark: str) -> str:
    drawn = "".join(
        mark.format(x, y, x - 4, y - 4) for x, y in ((_within(a, WIDTH), _within(b, HEIGHT)) for a, b in points)
    )
    return f'<path class="{kind}" d="{drawn}"/>' if drawn else ""


def _within(value: int, size: int) -> int:
    return max(-size // 2 + 5, min(int(value), size // 2 - 5))
