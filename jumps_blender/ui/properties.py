"""What the scene remembers of the panel."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

from ..blender.records import Choices, Solve

SCENE_PROPERTY: Final = "jumps"

SETTINGS: Final = (
    ("draft", "Draft", "Fast, to see whether the tracks are good enough"),
    ("default", "Balanced", "Good results in reasonable time"),
    ("best", "Best", "Averages over more windows, for the final pass"),
    ("paper", "Paper", "As the JUMPS paper does it, by inverting its generator; slow"),
)

ENGINES: Final = {"numpy": "NumPy", "torch": "PyTorch"}
"""What engines are called."""

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
FRAMES: Final[dict[str, Any]] = {
    "name": "Frames",
    "description": "Which scene frames are solved; what lies around them is read as far as it has a say in them",
    "items": (
        ("CLIP", "Whole Clip", "All frames of the clip"),
        ("SCENE", "Scene Range", "From the scene's first frame to its last"),
        ("PREVIEW", "Preview Range", "The range that P draws in the timeline"),
        ("TYPED", "From - To", "The frames typed below"),
    ),
    "default": "CLIP",
}
FIRST_FRAME: Final[dict[str, Any]] = {"name": "From", "description": "First scene frame to solve", "default": 1}
LAST_FRAME: Final[dict[str, Any]] = {"name": "To", "description": "Last scene frame to solve", "default": 250}

MEND_FRAMES: Final[dict[str, Any]] = {
    "name": "Frames",
    "description": "Which frames of the selected joints are mended",
    "items": (
        ("CURRENT", "This Frame", "The frame that is shown"),
        ("KEYS", "Selected Keys", "Frames of the joints' keys that are selected, as in the dope sheet"),
        ("RANGE", "Range", "The preview range, or the scene's range where there is none"),
        ("ALL", "Whole Track", "All frames of the clip"),
    ),
    "default": "CURRENT",
}


class JUMPS_scene_settings(bpy.types.PropertyGroup):
    """Settings of the panel."""

    settings: EnumProperty(**QUALITY)
    smoothness: FloatProperty(**SMOOTHNESS)
    seed: IntProperty(**SEED)
    frames: EnumProperty(**FRAMES)
    first_frame: IntProperty(**FIRST_FRAME)
    last_frame: IntProperty(**LAST_FRAME)
    preset: StringProperty(name="Preset", description="The preset that was loaded or saved last")
    show_marks: BoolProperty(
        name="Show Marks",
        description="Around each point of the active imported tracks a mark that says how it stands at this frame",
        default=True,
        update=lambda _settings, context: _redraw(context),
    )
    mend_frames: EnumProperty(**MEND_FRAMES)
    show_uncertainty: BoolProperty(
        name="Show Uncertainty",
        description="Around each joint of the active result a ring as wide as the joint may be off (one standard "
        "deviation): green is sure, red is a guess. A white cross is a pin, a blue bar a foot that is held",
        default=True,
        update=lambda _settings, context: _redraw(context),
    )


def describe_choices(choices: Choices) -> str:
    """What a result was made with, as the panel calls it."""
    title = {name: title for name, title, _ in SETTINGS}.get(choices.settings, choices.settings)
    return (
        f"{title}, seed {choices.seed}"
        if choices.settings == "paper"
        else f"{title}, smoothness {choices.smoothness:g}"
    )


def describe_solve(solve: Solve, edits: int) -> tuple[str, ...]:
    """What solved a result, when, and how often it was edited since, in lines; none where nobody knows."""
    lines, told = [], []
    if solve.engine:
        engine = ENGINES.get(solve.engine, solve.engine)
        lines.append(f"Solved in {solve.seconds:.1f} s, {engine} on {solve.device.upper()}")
    if solve.at:
        told.append(f"{datetime.fromisoformat(solve.at):%Y-%m-%d %H:%M}")
    if edits:
        told.append("edited once" if edits == 1 else f"edited {edits:,} times")
    return (*lines, ", ".join(told)) if told else tuple(lines)


def _redraw(context: bpy.types.Context) -> None:
    for area in context.screen.areas if context.screen else ():
        area.tag_redraw()


def add_properties() -> None:
    """Give scenes their settings."""
    setattr(bpy.types.Scene, SCENE_PROPERTY, PointerProperty(type=JUMPS_scene_settings))


def remove_properties() -> None:
    """Undo `add_properties`."""
    delattr(bpy.types.Scene, SCENE_PROPERTY)
