"""What the scene remembers of the panel."""

from __future__ import annotations

from typing import Final

import bpy
from bpy.props import EnumProperty, IntProperty, PointerProperty

SCENE_PROPERTY: Final = "jumps"

SETTINGS: Final = (
    ("draft", "Draft", "Fast, to see whether the tracks are good enough"),
    ("default", "Balanced", "Good results in reasonable time"),
    ("best", "Best", "Averages over more windows, for the final pass"),
    ("paper", "Paper", "As the JUMPS paper does it, by inverting its generator; slow, and needs torch"),
)


class JUMPS_scene_settings(bpy.types.PropertyGroup):
    """Settings of the panel."""

    settings: EnumProperty(
        name="Quality", description="How much time the solver takes", items=SETTINGS, default="default"
    )
    seed: IntProperty(name="Seed", description="Start of the random numbers: same seed, same result", default=0, min=0)


def add_properties() -> None:
    """Give scenes their settings."""
    setattr(bpy.types.Scene, SCENE_PROPERTY, PointerProperty(type=JUMPS_scene_settings))


def remove_properties() -> None:
    """Undo `add_properties`."""
    delattr(bpy.types.Scene, SCENE_PROPERTY)
