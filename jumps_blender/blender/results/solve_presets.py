"""How a user likes to solve, kept as a preset in a JSON file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from ...core.settings import PRESETS
from ...errors import InputError

FOLDER: Final = "settings"

FORMAT: Final = "jumps-settings"
VERSION: Final = 1

_MOST: Final = 2**31 - 1
"""Of Blender's whole numbers."""

SPANS: Final = ("CLIP", "SCENE", "PREVIEW", "TYPED")


@dataclass(frozen=True)
class SolvePreset:
    """Quality, smoothness 0..1 and seed as in `records.Choices`, and which frames: of SPANS, the typed ones last."""

    settings: str
    smoothness: float
    seed: int
    frames: str
    first_frame: int
    last_frame: int


def to_json(preset: SolvePreset) -> dict[str, Any]:
    """A preset as JSON."""
    return {"format": FORMAT, "version": VERSION, **asdict(preset)}


def from_json(content: Any, where: str) -> SolvePreset:
    """Read what `to_json` wrote.

    Raises:
        InputError: it is something else; the message names `where`.

    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{where} is no preset of settings: expected JSON of the format {FORMAT!r}. Choose another.")
    if content.get("version") != VERSION:
        raise InputError(f"{where} is of version {content.get('version')}, this JUMPS knows {VERSION}: update it.")
    told = {name: content.get(name) for name in SolvePreset.__dataclass_fields__}
    if not _fits(told):
        raise InputError(f"{where} is damaged: its settings are {told}. Remove it, and save it anew.")
    return SolvePreset(**told)


def _fits(told: dict[str, Any]) -> bool:
    whole = all(type(told[name]) is int and abs(told[name]) <= _MOST for name in ("seed", "first_frame", "last_frame"))
    named = told["settings"] in PRESETS and told["frames"] in SPANS
    smooth = type(told["smoothness"]) in (int, float) and 0 <= told["smoothness"] <= 1
    return whole and named and smooth and told["seed"] >= 0
