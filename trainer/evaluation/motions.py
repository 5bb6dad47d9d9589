"""Kinds of motion and sizes of bodies: what rows are told apart by."""

from __future__ import annotations

import re
from typing import Final

from .scenes import Scene

KINDS: Final = (
    ("rehabilitation", r"hurdle|lunge|leg raise|standing shoulder|deep squat|sit to stand"),
    ("acrobatics", r"cartwheel|flip|hanging|breakdance|balance"),
    ("dance", r"dance|salsa|whirl|ballet"),
    ("boxing and martial arts", r"box|martial|karate|punch"),
    ("floor and squat", r"lie ?down|squat|floor|sit|elbowtoknee"),
    ("walk and run", r"walk|jog|run|sneak|navigate"),
    ("jumps", r"jump|hop|dab"),
    ("kicks and throws", r"kick|throw|basketball|soccer"),
    ("climbing", r"climb|ladder|stairs|steps|uneven"),
    ("gestures and everyday acts", r"drink|bottle|laugh|wave|grab|reach|traffic|rotatearms|wash"),
)
"""Kinds by words of the clips' labels; the first that fits."""

OTHER: Final = "other"

STATURES: Final = ((1.65, "below 1.65 m"), (1.75, "1.65 to 1.75 m"), (float("inf"), "1.75 m and more"))
"""Upper ends of classes of statures, from the top of the head to the ankles."""


def kind_of(label: str) -> str:
    """The kind of motion that a clip's label tells."""
    return next((kind for kind, words in KINDS if re.search(words, label, re.IGNORECASE)), OTHER)


def stature_of(scene: Scene) -> str:
    """The class of a body's length."""
    return next(name for end, name in STATURES if not scene.stature >= end)


SLICES: Final = {
    "source": lambda scene: scene.source,
    "kind of motion": lambda scene: kind_of(scene.label),
    "stature": stature_of,
}
"""Ways to divide the scenes of all sources."""
