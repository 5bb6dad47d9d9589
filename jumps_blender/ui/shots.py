"""A batch's .blend files: people into a scene, and then what an animator would do with the panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from ..batch.scene import CAMERA, PLANE, SceneOptions
from ..batch.solved import Solved
from ..blender.footage import Kind
from ..blender.records import Choices
from ..blender.results.feet import hold_feet
from ..blender.results.nla import push_down
from ..blender.results.simplify import simplify
from ..blender.results.uncertainty import key_uncertainty
from ..blender.shot_file import Performer, Stage, save_performers
from ..errors import InputError, JumpsError
from .shot_footage import show_footage_of
from .shot_rig import RigOptions, lead_rigs

KINDS: Final[dict[str, Kind]] = {PLANE: "PLANE", CAMERA: "CAMERA"}

_STEM, _PERSON = 30, 12
"""Letters of a file's name and of a person's id in the name of an armature, for which Blender has 63 bytes."""


@dataclass(frozen=True)
class ShotWriter:
    """Writes the .blend of a shot; `choices` are what all were solved with."""

    choices: Choices
    asked: SceneOptions

    def check(self) -> None:
        """Raise InputError for what would fail with every shot."""
        asked = self.asked
        asked.check()
        if asked.template:
            there = _objects_of(asked.template)
            missing = [name for name in asked.rigs if name not in there]
            if missing:
                raise InputError(f"The template {asked.template} has no object {missing[0]!r}: name another as --rig.")
        self._rig.check()

    def __call__(self, people: Sequence[Solved], where: Path) -> tuple[str, ...]:
        """Write it; warnings. Raises JumpsError."""
        asked = self.asked
        stage = Stage(asked.template, asked.start_frame, asked.height, asked.scale)
        performers = [self._performer(one, len(people) > 1) for one in people]
        source = people[0].tracks.source
        return save_performers(performers, where, stage, lambda results: self._dress(results, source))

    def _performer(self, solved: Solved, one_of_many: bool) -> Performer:
        tracks = solved.tracks
        name = Path(tracks.source).stem[:_STEM]
        if one_of_many:
            name = f"{name} person {tracks.person[:_PERSON]}"
        told = (solved.fps, solved.start, solved.arrays, self.choices, solved.report, solved.estimates, solved.first)
        return Performer(name, tracks, *told)

    @property
    def _rig(self) -> RigOptions:
        return RigOptions(self.asked.rigs, self.asked.rig_preset, self.asked.rig_options, self.asked.bake)

    def _dress(self, results: Sequence[bpy.types.Object], source: str) -> tuple[str, ...]:
        """The steps in the order in which each finds what it needs: a rig follows the feet that are held."""
        asked = self.asked
        warnings = [said for ob in results for said in self._finish(ob)]
        if asked.footage:
            kind = KINDS[asked.footage_as]
            warnings += show_footage_of(bpy.context, results[0], source, asked.footage, kind)
        if asked.template:
            lead_rigs(bpy.context, results, self._rig)
        if asked.push_down:
            for ob in results:
                push_down(ob)
        return tuple(warnings)

    def _finish(self, ob: bpy.types.Object) -> list[str]:
        asked = self.asked
        steps: list[tuple[bool, Any, tuple[float, ...]]] = [
            (asked.lock_feet, hold_feet, (asked.feet_speed, asked.feet_strength)),
            (asked.simplify > 0, simplify, (asked.simplify,)),
            (asked.key_uncertainty, key_uncertainty, ()),
        ]
        warnings = []
        for wanted, step, words in steps:
            try:
                if wanted:
                    step(ob, *words)
            except JumpsError as error:  # a person who never stands still is no reason to have no .blend
                warnings.append(str(error))
        return warnings


def _objects_of(template: str) -> set[str]:
    """Names of what lies in a .blend, which is not opened; an empty scene is, then. Raises InputError."""
    bpy.ops.wm.read_homefile(use_empty=True)  # Blender does not look into the file that is open
    try:
        with bpy.data.libraries.load(str(Path(template).resolve())) as (found, _):  # type: ignore[attr-defined]
            return set(found.objects)
    except (OSError, RuntimeError) as error:
        raise InputError(f"The template {template} cannot be read: {error}. Name a .blend.") from error
