"""A recording as long as one likes."""

from __future__ import annotations

import json
from pathlib import Path


def write_clip(sample: Path, frames: int, folder: Path) -> Path:
    """The sample's first person to and fro, as a file of so many frames."""
    document = json.loads(sample.read_text(encoding="utf-8"))
    (person, *_) = document["people"]
    there = list(range(len(person["positions"])))
    order = [(there + there[::-1])[i % (2 * len(there))] for i in range(frames)]
    for name in ("positions", "confidence"):
        person[name] = [person[name][i] for i in order]
    path = folder / "long.json"
    path.write_text(json.dumps({**document, "people": [person]}), encoding="utf-8")
    return path
