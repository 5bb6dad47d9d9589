"""What is estimated over a whole clip, and may be handed to a part of it."""

from __future__ import annotations

from dataclasses import dataclass

from .direct.noise import Noise


@dataclass(frozen=True)
class Estimates:
    """What a solve found out of a clip as a whole: with it a part is solved as if the whole were there.

    level: standard deviation in heads that its detector deserves at confidence 1; None under `paper`.
    size: body scale in the input's units, for windows that show too little to tell; None where each window told.
    screen_believed: whether what the screen found of points was believed; None where nobody screened.
    lasting: share of the level's square that is owed to errors which last.
    """

    level: float | None
    size: float | None
    screen_believed: bool | None
    lasting: float = 0.0

    @property
    def noise(self) -> Noise | None:
        """What was found of the observations' errors."""
        return None if self.level is None else Noise(self.level, self.lasting)
