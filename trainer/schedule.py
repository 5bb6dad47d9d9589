"""What a training run does: the published schedule, one for a CPU, and what of it can be left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from . import losses
from .cameras import Cameras
from .sampling import PAPER, Augmentation

PUBLISHED_WINDOWS: Final = 60 * 835_000
"""60 epochs of 835,000 windows (JUMPS, IV-B)."""

PUBLISHED_ITERATIONS: Final = PUBLISHED_WINDOWS // 256
"""In batches of 256 (JUMPS, IV-B)."""


@dataclass(frozen=True)
class Schedule:
    """What a run does; the two presets are `paper` and `small`."""

    batch: int = 256
    """Windows of an iteration, those of all processes together."""
    rate: float = 1e-4
    """Adam's learning rate of E and G, betas (0.5, 0.999)."""
    critic_rate: float = 1e-4
    """That of D."""
    final_rate: float = 1.0
    """Share of the rate that is left at the end of the time budget, reached along a cosine."""
    critic_every: int = 1
    """Iterations from one adversarial step (critic, L_G, L_Mix) to the next."""
    filled: float = 0.0
    """Share of the encoder's input in which joints outside a random mask are filled in from those inside."""
    noise: float = 0.0
    """Standard deviation in heads of the noise on filled-in input, drawn up to this."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights that are shipped."""
    encoder: bool = True
    """Train E; without it there is no L_AE and no L_Mix (the row "w/o ENC.")."""
    velocity_weight: float = losses.W_MPJVE
    """On MPJVE in L_Rec."""
    backward_weight: float = losses.W_BACKWARD
    mix_weight: float = losses.W_MIX
    critic_channels: int = 8
    """8: D sees positions and velocities; 4: positions alone."""
    critic_output: str = "linear"
    critic_norm: str = "count"
    augmentation: Augmentation = field(default_factory=lambda: PAPER)

    def share(self, iterations: int) -> float:
        """What so many iterations are of the published number of windows."""
        return iterations * self.batch / PUBLISHED_WINDOWS


SCHEDULES: Final = {
    "paper": Schedule(),
    "small": Schedule(
        batch=128,
        rate=1e-3,
        final_rate=0.02,
        critic_every=4,
        filled=0.5,
        noise=0.15,
        augmentation=Augmentation(Cameras(bones=0.06, shape=0.0), recombine=0.0),
    ),
}
"""`small` spends an hour of two CPU cores where it matters most: on the autoencoder."""

SWITCHES: Final[dict[str, dict[str, Any]]] = {
    "encoder": {"encoder": False},
    "velocity": {"velocity_weight": 0.0},
    "backward": {"backward_weight": 0.0},
    "mix": {"mix_weight": 0.0},
    "critic-velocity": {"critic_channels": 4},
}
"""What a run can be trained without, and the fields of its schedule that say so."""


def without(names: tuple[str, ...] | list[str]) -> dict[str, Any]:
    """Fields of a schedule that lacks what is named."""
    return {key: value for name in names for key, value in SWITCHES[name].items()}
