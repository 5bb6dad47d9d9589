"""Which bone of a rig shows which joint; kept as a preset in a JSON file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from ...core.body.skeleton import INDEX
from ...errors import InputError

FORMAT: Final = "jumps-rig"
VERSION: Final = 1


@dataclass(frozen=True)
class RigMap:
    """A rig's bones for joints.

    `bones` joint -> the bone that gets the keys. `places` joint -> another bone that tells where the joint is at rest,
    for controls that lie elsewhere. `root` carries the whole body, with the joint `carried`, where that is not the
    first bone of the torso. `kind`: of the registry. `rigid`: joints whose bone never stretches, on a cut-out.
    """

    bones: dict[str, str]
    kind: str = "names"
    places: dict[str, str] = field(default_factory=dict)
    root: str = ""
    carried: str = ""
    rigid: tuple[str, ...] = ()

    def place_of(self, joint: str) -> str:
        """The bone whose head is the joint at rest."""
        return self.places.get(joint, self.bones.get(joint, ""))


def to_json(rig: RigMap) -> dict[str, Any]:
    """A mapping as JSON."""
    return {"format": FORMAT, "version": VERSION, **vars(rig)}


def from_json(content: Any, where: str) -> RigMap:
    """Read what `to_json` wrote.

    Raises:
        InputError: it is something else; the message names `where`.

    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(
            f"{where} is no mapping of a rig: expected JSON of the format {FORMAT!r}. Choose another file."
        )
    if content.get("version") != VERSION:
        raise InputError(f"{where} is of version {content.get('version')}, this JUMPS knows {VERSION}: update it.")
    tables = [content.get("bones"), content.get("places", {})]
    texts = [content.get("kind", "names"), content.get("root", ""), content.get("carried", "")]
    if not all(_is_table(table) for table in tables) or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{where} is damaged: 'bones' and 'places' must tell the name of a bone for names of joints.")
    rigid = content.get("rigid", [])
    if not isinstance(rigid, list) or not all(isinstance(joint, str) for joint in rigid):
        raise InputError(f"{where} is damaged: 'rigid' must be a list of joints.")
    unknown = sorted({joint for table in (*tables, rigid) for joint in table} - set(INDEX))
    if unknown:
        raise InputError(f"{where} names joints that are none of the 28: {', '.join(unknown[:5])}.")
    return RigMap(tables[0], texts[0], tables[1], texts[1], texts[2], tuple(rigid))


def _is_table(table: Any) -> bool:
    return isinstance(table, dict) and all(isinstance(text, str) for pair in table.items() for text in pair)
