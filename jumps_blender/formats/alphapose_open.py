"""AlphaPose's `--format cmu` and `--format open`: one object keyed by image name.

The value of an image is `{"bodies": [{"joints": [...]}]}` or `{"people": [{"pose_keypoints_2d": [...]}]}`.
"""

from __future__ import annotations

from typing import Any, Final

from .alphapose import numbered
from .openpose import is_frame, sightings_of
from .recording import Take
from .source import Source

FORMATS: Final = {"alphapose_open": "AlphaPose, formats cmu and open"}


def sniff(source: Source) -> bool:
    """An object whose first value is a frame with `bodies` or `people`."""
    value: Any = source.value
    return isinstance(value, dict) and bool(value) and is_frame(next(iter(value.values())))


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    frames, warnings = numbered(list(content.value))
    sightings = [
        sighting
        for image, value in content.value.items()
        if image in frames and is_frame(value)
        for sighting in sightings_of(value, frames[image], f"{source.name}, {image}")
    ]
    span = (min(frames.values()), max(frames.values()))
    whole = f"{len(content.value)} images"
    return Take("alphapose_open", tuple(sightings), whole, span, damage=content.damage, warnings=tuple(warnings))
