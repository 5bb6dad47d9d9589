"""`blender -c jumps ...`: the same command line as `python -m jumps_blender`, and `batch` with .blend files too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bpy

from ..batch.arguments import Parser
from ..batch.child import START
from ..batch.command import add_options, command
from ..batch.solved import Solved
from ..blender.records import Choices
from ..blender.shot_file import Performer, save_performers
from ..core.settings import find_settings
from ..errors import JumpsError
from ..runtime.diagnostics import page
from .operators.diagnostics import subject

NAME: Final = "jumps"
PROGRAM: Final = f"blender -c {NAME}"

_STEM, _PERSON = 30, 12
"""Letters of a file's name and of a person's id in the name of an armature, for which Blender has 63 bytes."""

_registered: list[Any] = []


def register() -> None:
    """Tell Blender of the command."""
    _registered.append(bpy.utils.register_cli_command(NAME, execute))


def unregister() -> None:
    """Take it back."""
    while _registered:
        bpy.utils.unregister_cli_command(_registered.pop())


def execute(words: Sequence[str]) -> int:
    """Run what follows `blender -c jumps`; the exit status, see docs/batch.md.

    All but `batch` and `diagnostics` run in a process of their own, which needs no Blender.
    """
    if list(words) == ["diagnostics"]:
        print(page(subject(bpy.context)), end="")
        return 0
    if list(words[:1]) != ["batch"]:
        return subprocess.run(
            [sys.executable, "-I", "-B", str(START), "--main", PROGRAM, *words], check=False
        ).returncode
    parser = Parser(prog=f"{PROGRAM} batch", description="Upsample all people of all files of a folder, and report.")
    add_options(parser)
    try:
        parsed = parser.parse_args(words[1:])
    except SystemExit as left:  # --help, or words that are not understood
        return left.code if isinstance(left.code, int) else 1
    choices = Choices(parsed.settings, _smoothness(parsed.settings, parsed.smoothness), parsed.seed)
    return command(parsed, lambda people, where: _write_blend(people, choices, where))


def _smoothness(settings: str, asked: float | None) -> float:
    """What the choices of the panel would say; of unknown settings the command itself tells."""
    try:
        return find_settings(settings, asked).smoothness
    except JumpsError:
        return 0.0


def _write_blend(people: Sequence[Solved], choices: Choices, where: Path) -> tuple[str, ...]:
    return save_performers((_performer(one, choices, len(people) > 1) for one in people), where)


def _performer(solved: Solved, choices: Choices, one_of_many: bool) -> Performer:
    tracks = solved.tracks
    name = Path(tracks.source).stem[:_STEM]
    if one_of_many:
        name = f"{name} person {tracks.person[:_PERSON]}"
    return Performer(name, tracks, solved.fps, solved.start, solved.arrays, choices, solved.report, solved.estimates)
