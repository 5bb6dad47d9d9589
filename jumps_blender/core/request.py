"""What the upsampler is asked: one person's tracks, how to read them, and how to solve them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypedDict

import numpy as np

from ..errors import InputError
from .body.joint_sets import JointSet, find_joint_set
from .body.tracks import has_place
from .clips.clip import Clip, Sighting, check_rate, gaps
from .estimates import Estimates
from .settings import Settings, find_settings


class Asked(TypedDict, total=False):
    """The arguments of `Upsampler.upsample` beside the positions."""

    joint_set: str | JointSet | list[str] | tuple[str, ...]
    confidence: np.ndarray | None
    pinned: np.ndarray | None
    pins: np.ndarray | None
    fps: float
    settings: str | Settings
    smoothness: float | None
    seed: int
    estimates: Estimates | None
    first_frame: int


@dataclass(frozen=True)
class Request:
    """The arguments of `Upsampler.upsample`, which tells what they mean; `settings` and `joint_set` are found."""

    positions: np.ndarray
    joint_set: JointSet
    confidence: np.ndarray | None
    pinned: np.ndarray | None
    pins: np.ndarray | None
    fps: float
    settings: Settings
    seed: int
    estimates: Estimates | None
    first_frame: int

    @classmethod
    def of(cls, positions: np.ndarray, asked: Asked) -> Request:
        """The request, defaults filled in; raises InputError for an unknown name, or numbers that cannot be."""
        fps, seed = asked.get("fps", 25.0), asked.get("seed", 0)
        check_rate(fps)
        check_seed(seed)
        return cls(
            np.asarray(positions),
            find_joint_set(asked.get("joint_set", "coco17")),
            asked.get("confidence"),
            asked.get("pinned"),
            asked.get("pins"),
            fps,
            find_settings(asked.get("settings", "default"), asked.get("smoothness")),
            seed,
            asked.get("estimates"),
            asked.get("first_frame", 0),
        )

    def clip(self) -> Clip:
        """The request read and judged; raises what `Clip.read` does."""
        return Clip.read(
            self.positions, self.joint_set, self.confidence, self.pinned, self.fps, self.settings, self.first_frame,
            self.pins,
        )  # fmt: skip

    def part(self, own: slice, estimates: Estimates | None) -> Request:
        """The request for some frames alone, with what is known of the whole."""
        confidence, pinned, pins = (
            None if each is None else np.asarray(each)[own] for each in (self.confidence, self.pinned, self.pins)
        )
        return replace(
            self, positions=self.positions[own], confidence=confidence, pinned=pinned, pins=pins, estimates=estimates,
            first_frame=self.first_frame + own.start,
        )  # fmt: skip

    @cached_property
    def observed(self) -> np.ndarray:
        """Bool (frames, 28), pins among them; raises InputError for what does not fit together."""
        seen = Sighting.of(
            self.positions, self.joint_set, self.confidence, self.pinned, self.settings.threshold, self.pins
        )
        return has_place(seen.joints)

    def gaps(self) -> tuple[tuple[int, int], ...]:
        """See `clip.gaps`."""
        return gaps(self.observed, self.fps)


def check_seed(seed: int) -> None:
    """Raise InputError for a seed that random numbers cannot start from."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"The seed is {seed!r}, expected a whole number from 0 on.")
