"""The rows: what is trained, and what is changed of the inference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.settings import PRESETS, Settings

from ..schedule import without

FULL: Final = "full"
WITHOUT_ENCODER: Final = "w/o ENC."

ROWS: Final[dict[str, dict[str, Any]]] = {
    FULL: {},
    WITHOUT_ENCODER: without(["encoder"]),
    "no velocity term": without(["velocity"]),
    "4-channel critic": without(["critic-velocity"]),
    "no L_backward": without(["backward"]),
    "no L_Mix": without(["mix"]),
    "sigmoid critic": {"critic_output": "sigmoid"},
    "critic norms of Fig. 4": {"critic_norm": "figure"},
}
"""Fields of the schedule in which each row differs from the preset `paper`."""

OBSERVED: Final = np.isin(JOINTS, LIMB_JOINTS)
GROUPS: Final = {"all": np.ones(len(JOINTS), bool), "observed": OBSERVED, "missing": ~OBSERVED}

PAPER: Final = PRESETS["paper"]
_ENCODER_ALONE: Final = replace(PAPER, random_starts=0)
RANDOM_STARTS: Final = replace(PAPER, encoder_start=False, random_starts=PAPER.random_starts + 1)

INFERENCE: Final[Mapping[str, Settings]] = {
    "w/o P.A., windows in their own units": replace(PAPER, align=False),
    "random starts alone": RANDOM_STARTS,
    "encoder start alone": _ENCODER_ALONE,
    "encoder start alone, no velocity term": replace(_ENCODER_ALONE, velocity_weight=0.0),
    "encoder start alone, no critic": replace(_ENCODER_ALONE, critic_weight=0.0),
    "encoder start alone, critic weight 15 as printed": replace(_ENCODER_ALONE, critic_weight=15.0),
    "encoder start alone, step 0.1 in the place of 1": replace(_ENCODER_ALONE, rate=0.1),
    "encoder start alone, step 0.1, w/o P.A.": replace(_ENCODER_ALONE, rate=0.1, align=False),
}
"""The full row inverted otherwise."""

FIXED_MAP: Final = "w/o P.A., one fixed affine map"
"""As the paper has it: no alignment, and all windows through the same map; needs other units, not other settings."""

STEPS: Final = (0, 5, 10, 25, 50, 100, 200)
"""Latent steps after which convergence is looked at."""

CURVES: Final[Mapping[str, Settings]] = {
    f"{alignment}, step {rate:g}": replace(_ENCODER_ALONE, align=alignment == "aligned", rate=rate)
    for rate in (1.0, 0.1)
    for alignment in ("aligned", "w/o P.A.")
}
"""Inversions whose error is followed over latent steps, from the encoder's start."""


def settings_of(row: str) -> Settings:
    """The published inference of a row; without an encoder it begins at as many starts, all of them random."""
    return RANDOM_STARTS if row == WITHOUT_ENCODER else PAPER
