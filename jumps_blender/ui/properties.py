"""What the scene remembers of the panel."""

from __future__ import annotations

from typing import Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty

from ..blender.records import Choices

SCENE_PROPERTY: Final = "jumps"

SETTINGS: Final = (
    ("draft", "Draft", "Fast, to see whether the tracks are good enough"),
    ("default", "Balanced", "Good results in reasonable time"),
    ("best", "Best", "Averages over more windows, for the final pass"),
    ("paper", "Paper", "As the JUMPS paper does it, by inverting its generator; slow"),
)


# What is chosen in the panel and on the operator alike. Not a base class with annotations: 4.2 crashes at its end when
# two registered classes share one.
QUALITY: Final[dict[str, Any]] = {
    "name": "Quality",
    "description": "How much time the solver takes",
    "items": SETTINGS,
    "default": Choices.settings,
}
SMOOTHNESS: Final[dict[str, Any]] = {
    "name": "Smoothness",
    "description": "Where observed joints end: 0 follows the detector, 1 the model of human motion",
    "default": Choices.smoothness,
    "min": 0.0,
    "max": 1.0,
    "subtype": "FACTOR",
}
SEED: Final[dict[str, Any]] = {
    "name": "Seed",
    "description": "Start of the random numbers: same seed, same result",
    "default": Choices.seed,
    "min": 0,
}


class JUMPS_scene_settings(bpy.types.PropertyGroup):
    """Settings of the panel."""

    settings: EnumProperty(**QUALITY)
    smoothness: FloatProperty(**SMOOTHNESS)
    seed: IntProperty(**SEED)
    show_uncertainty: BoolProperty(
        name="Show Uncertainty",
        description="Around each joint of the active result a ring as wide as the joint may be off (one standard "
        "deviation): green is sure, red is a guess. A white cross is a pin",
        default=True,
        update=lambda _settings, context: _redraw(context),
    )


def _redraw(context: bpy.types.Context) -> None:
    for area in context.screen.areas if context.screen else ():
        area.tag_redraw()


def add_properties() -> None:
    """Give scenes their settings."""
    setattr(bpy.types.Scene, SCENE_PROPERTY, PointerProperty(type=JUMPS_scene_settings))


def remove_properties() -> None:
    """Undo `add_properties`."""
    delattr(bpy.types.Scene, SCENE_PROPERTY)
