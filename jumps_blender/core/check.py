"""What is wrong with a clip's observations, told without solving it: a hundredth of the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np

from .request import Asked, Request
from .upsampler import Upsampler


@dataclass(frozen=True)
class Check:
    """`rejected` bool (frames, joints of the input) and `swapped` bool (frames, 2), as in `Result`."""

    rejected: np.ndarray
    swapped: np.ndarray


def check(upsampler: Upsampler, positions: np.ndarray, **asked: Unpack[Asked]) -> Check:
    """Look through a clip as a solve would that screens it; arguments and errors as those of `Upsampler.upsample`."""
    request = Request.of(positions, asked)
    clip = request.clip().screened(upsampler.engine_for(request.settings), upsampler.weights.screen)
    return Check(request.joint_set.from_28(clip.rejected()), clip.swapped())
