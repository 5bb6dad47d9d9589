"""AlphaPose's result list, and the COCO results list that it can also write.

One JSON list, one object per person and frame: `image_id`, flat `keypoints`, `score`, often `box` and `idx`.
"""

from __future__ import annotations

from typing import Any, Final

from ..errors import FormatError
from .numbering import series
from .points import flat_points, number, whole_number
from .recording import Sighting, Take
from .source import Source, listed

FORMATS: Final = {"alphapose": "AlphaPose", "coco": "COCO results"}


def sniff(source: Source) -> bool:
    """A list whose first entry has `image_id` and `keypoints`."""
    value = source.value
    return isinstance(value, list) and bool(value) and _is_entry(value[0])


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and "image_id" in entry and isinstance(entry.get("keypoints"), list)


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    entries = content.value
    for i, entry in enumerate(entries):
        if not _is_entry(entry):
            raise FormatError(f"{source.name}: entry {i} has no image_id and keypoints, as the others before it have.")
    frames, warnings = _frames([entry["image_id"] for entry in entries])
    sightings = tuple(
        Sighting(
            frames[_key(entry["image_id"])],
            flat_points(entry["keypoints"], f"{source.name}: keypoints of entry {i}"),
            _person(entry.get("idx")),
            number(entry.get("score")),
        )
        for i, entry in enumerate(entries)
        if _key(entry["image_id"]) in frames
    )
    coco = all(whole_number(entry["image_id"]) is not None and not isinstance(entry["image_id"], str)
               and "box" not in entry and "idx" not in entry for entry in entries)  # fmt: skip
    whole = f"{len(entries)} entries"
    return Take("coco" if coco else "alphapose", sightings, whole, damage=content.damage, warnings=tuple(warnings))


def _person(idx: Any) -> str | None:
    """The first number of an id, which is a list of lists where boxes were merged."""
    while isinstance(idx, list) and idx:
        idx = idx[0]
    which = whole_number(idx)
    return None if which is None else str(which)


def _key(image: Any) -> str:
    return str(image)


def _frames(images: list[Any]) -> tuple[dict[str, int], list[str]]:
    """Frame number of every image, by its key; images that belong to another series are left out."""
    names = list(dict.fromkeys(_key(image) for image in images))
    plain = [whole_number(name) for name in names]
    if all(one is not None for one in plain):
        return {name: one for name, one in zip(names, plain, strict=True) if one is not None}, []
    return numbered(names)


def numbered(names: list[str]) -> tuple[dict[str, int], list[str]]:
    """Frame number of every image name, and what the user should know; order of appearance where there is none."""
    groups = series(names)
    largest = groups[0]
    alone = len(names) == 1 and sum(map(str.isdigit, largest.pattern)) > 0
    if "#" not in largest.pattern or alone or 2 * len(largest.members) < len(names):
        note = "The image names have no frame number: frames are numbered from 0 in their order of appearance."
        return {name: i for i, name in enumerate(names)}, [note]
    others = [name for group in groups[1:] for _, name in group.members]
    notes = [f"Images that are not named {largest.pattern} were left out: {listed(others)}."] if others else []
    return {name: frame for frame, name in largest.members}, notes
