"""`blender -c jumps ...`: the same command line as `python -m jumps_blender`, and `batch` with .blend files too."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

import bpy

from ..batch.arguments import Parser
from ..batch.child import START
from ..batch.command import add_options, command
from ..batch.scene import SceneOptions
from ..blender.records import Choices
from ..blender.results.solve_presets import FOLDER, from_json
from ..blender.retarget.presets import FOLDER as RIGS
from ..core.settings import find_settings
from ..errors import JumpsError
from ..runtime.diagnostics import page
from .addon import preset_content, preset_file
from .operators.diagnostics import subject
from .shots import ShotWriter

NAME: Final = "jumps"
PROGRAM: Final = f"blender -c {NAME}"

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
    parser.add_argument(
        "--preset", action=_Preset, metavar="P",
        help="quality, smoothness and seed as saved in the panel, or of a .json file; what is said after it wins",
    )  # fmt: skip
    try:
        parsed = parser.parse_args(words[1:])
    except SystemExit as left:  # --help, or words that are not understood
        return left.code if isinstance(left.code, int) else 1
    parsed.rig_preset = preset_file(RIGS, parsed.rig_preset)
    return command(parsed, lambda asked: _writer(parsed, asked))


class _Preset(argparse.Action):
    """Sets what a preset of settings says."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Load it."""
        try:
            preset = from_json(preset_content(FOLDER, values), values)
        except JumpsError as error:
            raise argparse.ArgumentError(self, str(error)) from error
        namespace.settings, namespace.smoothness, namespace.seed = preset.settings, preset.smoothness, preset.seed


def _writer(parsed: argparse.Namespace, asked: SceneOptions) -> ShotWriter:
    """Writes .blend files; raises InputError where what was asked for cannot be done."""
    smoothness = find_settings(parsed.settings, parsed.smoothness).smoothness
    writer = ShotWriter(Choices(parsed.settings, smoothness, parsed.seed), asked)
    writer.check()
    return writer
