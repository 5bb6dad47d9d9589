"""Teaching the small network that says how far a clip's observations should be believed."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from torch import nn

from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.core.direct.noise_level import SYMPTOMS, VERDICT, symptoms

from .occasions import DEVIATIONS, TAUGHT, Occasion, Teacher, draw_lasting
from .practice import perceptron
from .sampling import Sampler, draw_mask

JUDGE: Final = "noise_judge.pt"
CASES: Final = 4800
_WINDOWS: Final = 6
_WIDTH: Final = 32
_STEPS: Final = 2500
_BATCH: Final = 512
_RATE: Final = 3e-3

_AT_PRIOR: Final = 0.5
"""Share of the cases that come at the prior's rate."""

_SLOWEST: Final = 8.0
"""Frames per second; the other cases come at a rate between this and the prior's."""

_GENEROUS: Final = 1.3
"""By how much more than its errors an observation is granted: too much costs less than too little."""

_FLOOR: Final = 0.015
"""Heads: what the Gaussian cannot explain of clean motion counts as noise, too."""


def draw_cases(sampler: Sampler, gaussian: Gaussian, cases: int = CASES) -> tuple[np.ndarray, np.ndarray]:
    """Symptoms (n, 14) of windows with noise of all sizes and kinds, and the verdict (n, 2) that they deserve.

    The logarithm of the deviation, and the share of its square that lasts; NaN where there is none. What is new in
    every frame of a clip with fewer frames per second averages out less.
    """
    rng = sampler.rng
    low, high = DEVIATIONS
    told, truth = [], []
    for _ in range(cases):
        weight = np.tile(draw_mask(rng).astype(float), (WINDOW, 1))
        deviation = math.exp(rng.uniform(math.log(low), math.log(high)))
        occasion = Occasion.of(gaussian, weight, deviation, draw_lasting(rng))
        fps = PRIOR_FPS if rng.random() < _AT_PRIOR else math.exp(rng.uniform(math.log(_SLOWEST), math.log(PRIOR_FPS)))
        teacher = Teacher(sampler, gaussian, [occasion], TAUGHT["calm"])
        seen, deserved, lasting = teacher.observe(occasion, _WINDOWS, fps)
        told.append(symptoms(gaussian, Observation(seen, np.broadcast_to(weight, (_WINDOWS, *weight.shape))), fps))
        fresh = (1 - lasting) * PRIOR_FPS / fps
        size = np.log(np.hypot(_GENEROUS * deserved * np.sqrt(fresh + lasting), _FLOOR))
        truth.append(np.stack([size, np.where(deserved > _FLOOR, lasting / (fresh + lasting), np.nan)], 1))
    return np.concatenate(told), np.concatenate(truth)


def fit_noise_judge(told: np.ndarray, truth: np.ndarray, seed: int = 0) -> nn.Sequential:
    """Least squares over made-up windows; the network takes symptoms as they are."""
    torch.manual_seed(seed)
    middle, spread = told.mean(0), told.std(0)
    network = perceptron(SYMPTOMS, _WIDTH, VERDICT)
    nn.init.normal_(network[-1].weight, std=0.1)
    optimiser = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=0.01)
    standard = (told - middle) / spread
    inputs, wanted = (torch.from_numpy(each.astype(np.float32)) for each in (standard, np.nan_to_num(truth)))
    known = torch.from_numpy(np.isfinite(truth))
    for step in range(_STEPS):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * (1 - step / _STEPS)
        some = torch.randint(len(inputs), (_BATCH,))
        off = torch.where(known[some], network(inputs[some]) - wanted[some], 0.0)
        loss = off.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return _unscaled(network, middle, spread)


def _unscaled(network: nn.Sequential, middle: np.ndarray, spread: np.ndarray) -> nn.Sequential:
    """The same for inputs that are not standardised."""
    first = network[0]
    assert isinstance(first, nn.Linear)
    with torch.no_grad():
        first.weight /= torch.from_numpy(spread)
        first.bias -= first.weight @ torch.from_numpy(middle)
    return network
