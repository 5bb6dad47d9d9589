"""What a solve does: one frozen dataclass and its named presets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ..errors import InputError
from .body.tracks import CONFIDENCE_THRESHOLD
from .clips.windows import STITCHERS, WINDOW

NEUTRAL: Final = 0.6
"""The smoothness that suits the noise that is found in a clip."""


@dataclass(frozen=True)
class Settings:
    """Settings of one solve. `paper` is the published inference (JUMPS, III-D and IV-B); the others answer directly."""

    name: str
    invert: bool = False
    """Invert the generator, as published; else the window Gaussian's answer, by numpy alone."""
    refine: bool = False
    """Let the refiner and the follower add what is not linear; direct answer only."""
    mirrored: bool = False
    """Average with the answer to the mirrored observation; direct answer only."""
    screen: bool = False
    """Put swapped sides right and do not believe points that cannot be right; direct answer only."""
    smoothness: float = NEUTRAL
    """Where observed joints end between the detector (0) and the prior (1), NEUTRAL trusts the detector as far as the
    clip's noise allows; direct answer only."""
    hop: int = 12
    """Frames from one window to the next; 24 is the paper's row "w/o overlap"."""
    stitch: str = "blend"
    """In overlaps: the window with the lower contextual loss, frame by frame ("pick"), or a cross-fade ("blend")."""
    threshold: float = CONFIDENCE_THRESHOLD
    """Confidence below which a point counts as not observed."""

    steps: int = 200
    """Adam steps on the latent."""
    rate: float = 1.0
    """Adam's step size."""
    betas: tuple[float, float] = (0.8, 0.999)
    """Adam's decays."""
    encoder_start: bool = True
    """Start at the encoder's latent."""
    random_starts: int = 7
    """Starts drawn from the prior; of all starts the lowest L_Inp wins."""
    align: bool = True
    """Procrustes alignment in every step; off is the paper's row "w/o P.A."."""
    position_weight: float = 10.0
    velocity_weight: float = 5.0
    critic_weight: float = 0.15
    """On the critic's score, squashed to 0..1 by its mean and spread on real windows. The printed 15 presumes another,
    bounded critic: with ours, 15 buys realism with two heads of error, 0.15 about a fiftieth of one."""

    def __post_init__(self) -> None:
        if not 0 <= self.smoothness <= 1:
            raise InputError(f"Smoothness is {self.smoothness}, expected 0 (the detector) to 1 (the prior).")
        if not 0 <= self.threshold <= 1:
            raise InputError(f"The confidence threshold is {self.threshold}, expected 0 to 1.")
        if self.stitch not in STITCHERS:
            raise InputError(f"No way to stitch is called {self.stitch!r}; expected one of {', '.join(STITCHERS)}.")
        if self.steps < 0 or self.random_starts < 0:
            raise InputError(f"{self.steps} steps from {self.random_starts} random starts, expected 0 or more of both.")
        if self.random_starts + self.encoder_start < 1:
            raise InputError("No start: expected the encoder's start or at least one random start.")
        if not (float(self.hop).is_integer() and 1 <= self.hop <= WINDOW):
            raise InputError(f"The hop is {self.hop} frames, expected 1 to {WINDOW}, the length of a window.")


PRESETS: Final = {
    "paper": Settings("paper", invert=True, stitch="pick"),
    "draft": Settings("draft", screen=True),
    "default": Settings("default", refine=True, mirrored=True, screen=True),
    "best": Settings("best", refine=True, mirrored=True, screen=True, hop=6),
}
"""The panel's Paper, Draft, Balanced and Best."""


def find_settings(which: str | Settings, smoothness: float | None = None) -> Settings:
    """Settings by the name of a preset, with another smoothness where one is given."""
    if isinstance(which, str):
        if which not in PRESETS:
            raise InputError(f"Unknown settings {which!r}; expected one of {', '.join(PRESETS)}.")
        which = PRESETS[which]
    return which if smoothness is None else replace(which, smoothness=smoothness)
