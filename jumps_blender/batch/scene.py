"""What a shot's .blend is made with: the panel's further steps, and the scene that they lead into."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..errors import InputError
from .arguments import frame, number, positive, setting, share

PLANE, CAMERA = "plane", "camera"

MADE_FROM: Final = ("template", "rig_preset")
"""Options that name files, whose content decides what comes out."""


@dataclass(frozen=True)
class SceneOptions:
    """What the .blend of a shot shows beyond what was solved; each as the operator or the dialog of its name has it.

    `footage`: a folder with videos that are called like the shots. `rigs`: objects of `template`, the first led by the
    person seen best, and so on; none = the one that the template's panel names. `rig_preset`: a saved list of bones, or
    a file with one. `rig_options`: settings of the panel.
    """

    height: float = 1.7
    scale: float = 0.0
    start_frame: int = 1
    lock_feet: bool = False
    feet_speed: float = 1.0
    feet_strength: float = 1.0
    simplify: float = 0.0
    key_uncertainty: bool = False
    push_down: bool = False
    footage: str = ""
    footage_as: str = PLANE
    template: str = ""
    rigs: tuple[str, ...] = ()
    rig_preset: str = ""
    rig_options: dict[str, str] = field(default_factory=dict)
    bake: bool = False

    def check(self) -> None:
        """Raise InputError for what can be told without Blender."""
        if self.template and not Path(self.template).is_file():
            raise InputError(f"There is no file {self.template}: name a .blend as --template.")
        if self.footage and not Path(self.footage).is_dir():
            raise InputError(f"There is no folder {self.footage}: name the one that holds the videos as --footage.")
        asked = [name for name in ("rigs", "rig_preset", "rig_options", "bake") if getattr(self, name)]
        if asked and not self.template:
            raise InputError(f"{_FLAGS[asked[0]]} needs a .blend that holds the rig: name it as --template.")

    def key(self) -> dict[str, Any]:
        """All of it that differs from what is made anyway; of files their content."""
        given = {name: value for name, value in vars(self).items() if value != getattr(_USUAL, name)}
        return given | {name: _content(given[name]) for name in MADE_FROM if name in given}


_USUAL: Final = SceneOptions()

_FLAGS: Final = {
    name: f"--{name.replace('_', '-')}" for name in SceneOptions.__dataclass_fields__
} | {"rigs": "--rig", "rig_options": "--rig-option"}  # fmt: skip


def add_scene_options(parser: argparse.ArgumentParser) -> None:
    """Add what needs --blend."""
    group = parser.add_argument_group("in each .blend, with --blend; as in the panel")
    group.add_argument("--height", type=positive, default=_USUAL.height, metavar="M", help="of the person; default 1.7")
    group.add_argument("--scale", type=number, default=0.0, metavar="S", help="metres per pixel, instead of the height")
    group.add_argument(
        "--start-frame", type=frame, default=1, metavar="N", help="scene frame of the first one; default 1"
    )
    _switch(group, "--lock-feet", "hold feet where they stand")
    group.add_argument(
        "--feet-speed", type=number, default=1.0, metavar="S", help="more finds more contacts; default 1"
    )
    group.add_argument("--feet-strength", type=share, default=1.0, metavar="S", help="1 holds feet exactly; default 1")
    group.add_argument("--simplify", type=number, default=0.0, metavar="PIXELS", help="as few keys as stay within it")
    _switch(group, "--key-uncertainty", "key how far joints may be off")
    _switch(group, "--push-down", "make each result's Action a strip of the NLA")
    group.add_argument("--footage", default="", metavar="FOLDER", help="show the video called like the shot")
    group.add_argument("--footage-as", choices=(PLANE, CAMERA), default=PLANE, help="how it is shown; default plane")
    group.add_argument("--template", default="", metavar="BLEND", help="the scene that people are put into")
    group.add_argument(
        "--rig", action="append", default=[], dest="rigs", metavar="NAME",
        help="armature of the template that is led; again for the second person, ...; default: the one of its panel",
    )  # fmt: skip
    group.add_argument("--rig-preset", default="", metavar="P", help="saved list of bones, or a .json file of one")
    group.add_argument(
        "--rig-option", action="append", type=setting, default=[], dest="rig_options", metavar="NAME=VALUE",
        help="of the panel Onto a Rig, such as limbs=ik; default: as in the template; may be repeated",
    )  # fmt: skip
    _switch(group, "--bake", "write the rig's motion as keys, and take the constraints away")


def _switch(group: argparse._ArgumentGroup, flag: str, about: str) -> None:
    group.add_argument(flag, action=argparse.BooleanOptionalAction, default=False, help=about)


def scene_of(parsed: argparse.Namespace) -> SceneOptions:
    """What was asked for, of parsed words.

    Raises:
        InputError: a step is asked for that only a .blend can hold, and none is.

    """
    words: dict[str, Any] = {name: getattr(parsed, name) for name in SceneOptions.__dataclass_fields__}
    words |= {"rigs": tuple(filter(None, parsed.rigs)), "rig_options": dict(parsed.rig_options)}
    asked = SceneOptions(**words)
    given = [name for name in words if getattr(asked, name) != getattr(_USUAL, name)]
    if given and not parsed.blend:
        raise InputError(f"{_FLAGS[given[0]]} is for .blend files: add --blend, in Blender.")
    return asked


def _content(name: str) -> str:
    """A fingerprint of a file, so that it may move; of what is no file, its name."""
    path = Path(name)
    try:
        status = path.stat()
        return _fingerprint(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return name


@cache
def _fingerprint(path: Path, _written: int, _size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
