"""Everybody who is imported from one recording at once: as they stood to each other, and all or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import bpy

from ...core.body.tracks import Tracks
from ...errors import NotEnoughJoints
from ..scene.names import fitted
from ..scene.present import scene_of
from .people import RESULT_SUFFIX, ImportOptions, import_person, placed


@dataclass(frozen=True)
class Crowd:
    """Armatures that were made, and why there are no more."""

    made: tuple[bpy.types.Object, ...]
    left_out: tuple[str, ...] = ()


def import_people(
    context: bpy.types.Context, people: Sequence[Tracks], options: ImportOptions, several: bool, lenient: bool = False
) -> Crowd:
    """A keyed armature for each, in the order given.

    The picture lies where the first one stands on the ground, at the scale of the first one's height: for all of them,
    so that they stand to each other as they did before the camera.

    Args:
        context: its mode, active object and selection stay.
        people: of one recording.
        options: how they are laid into the scene; its name is the recording's.
        several: whether the recording shows more than one person, whose ids then go into the names.
        lenient: leave out those of whom too little is observed, as long as there are others.

    Raises:
        NotEnoughJoints: too little of somebody is observed; nothing was created.

    """
    shown, placements, left_out = [], [], []
    for tracks in people:
        try:
            placements.append(placed(scene_of(context), tracks, options))
            shown.append(tracks)
        except NotEnoughJoints as error:
            if not lenient or (not shown and tracks is people[-1]):
                raise
            left_out.append(str(error))
    made = []
    with _all_or_none():
        for tracks in shown:
            suffix = f" person {tracks.person}" if several else ""
            name = fitted(options.name, suffix, room=len(RESULT_SUFFIX))
            made.append(import_person(context, tracks, replace(options, name=name, placement=placements[0])))
    return Crowd(tuple(made), tuple(left_out))


@contextmanager
def _all_or_none() -> Iterator[None]:
    """Take back what was created where something goes wrong."""
    stores: tuple[Any, ...] = (bpy.data.objects, bpy.data.armatures, bpy.data.actions)
    before = [{block.session_uid for block in store} for store in stores]
    try:
        yield
    except BaseException:
        for store, known in zip(stores, before, strict=True):
            for block in [block for block in store if block.session_uid not in known]:
                store.remove(block)
        raise
