"""Keys that an animator set between two samples of a result, as where the scene runs at another rate than the clip.

The curve passes through them. The samples on either side follow, so that it does so without a kink: they move as the
keys around them did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..scene.actions import SAME_FRAME
from ..tracks.placement import Timing


@dataclass(frozen=True)
class Between:
    """Such keys of joints (n,), by their numbers: scene frames (n,), X and Z there (n, 2) in armature units."""

    joints: np.ndarray
    frames: np.ndarray
    points: np.ndarray

    @classmethod
    def of(cls, stored: np.ndarray | None) -> Between:
        """Those that a result keeps, (n, 4); None where it has none."""
        table = np.empty((0, 4)) if stored is None else stored.astype(np.float64)
        return cls(table[:, 0].astype(int), table[:, 1], table[:, 2:])

    @property
    def table(self) -> np.ndarray | None:
        """As a result keeps them."""
        return np.column_stack([self.joints, self.frames, self.points]) if len(self) else None

    def __len__(self) -> int:
        return len(self.joints)

    def some(self, which: np.ndarray) -> Between:
        """Those of which bool (n,) says so."""
        return Between(self.joints[which], self.frames[which], self.points[which])

    def joined(self, newer: Between) -> Between:
        """With others, which come in the place of those at the same joint and frame."""
        together = np.abs(self.frames[:, None] - newer.frames) < SAME_FRAME
        stay = self.some(~(together & (self.joints[:, None] == newer.joints)).any(1))
        parts = zip((stay.joints, stay.frames, stay.points), (newer.joints, newer.frames, newer.points), strict=True)
        return Between(*(np.concatenate(part) for part in parts))

    def nearest(self, timing: Timing, count: int) -> np.ndarray:
        """The sample (n,) of so many that is nearest to each."""
        return np.rint((self.frames - timing.start) / timing.step).astype(int).clip(0, count - 1)

    def flags(self, samples: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Bool of a shape (frames, 28), set at the sample (n,) of each and its joint."""
        flags = np.zeros(shape, bool)
        flags[samples, self.joints] = True
        return flags

    def beside(self, timing: Timing, shape: tuple[int, ...]) -> np.ndarray:
        """Bool of a shape (frames, 28): the samples on either side of each."""
        at = (self.frames - timing.start) / timing.step
        both = (np.floor(at), np.ceil(at))
        below, above = (self.flags(side.astype(int).clip(0, shape[0] - 1), shape) for side in both)
        return below | above

    def with_samples(self, joint: int, frames: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frames and X and Z of a joint's samples (n,), (n, 2) and of its keys between them, in order."""
        own = self.some(self.joints == joint)
        if not len(own):
            return frames, values
        order = np.argsort(np.concatenate([frames, own.frames]), kind="stable")
        return np.concatenate([frames, own.frames])[order], np.concatenate([values, own.points])[order]
