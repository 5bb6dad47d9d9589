"""The paper's method with parts taken away: the rows of its Tables I and II."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.normalise import HEAD, Units
from jumps_blender.core.body.skeleton import INDEX, JOINTS, to_grid
from jumps_blender.core.clips.clip import PRIOR_FPS, Clip
from jumps_blender.core.clips.clip_windows import ClipWindows
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.clips.windows import WINDOW, stitch
from jumps_blender.core.inversion.descent import solve
from jumps_blender.core.settings import PRESETS, Settings
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import BUNDLED, Weights, load_weights
from jumps_blender.errors import InputError

from ..data.dataset import load_dataset
from ..sampling import PAPER, Sampler
from .conditions import Condition
from .methods import Entrant, Method, identify, load, prior, through
from .scenes import Scene

CHECKPOINT: Final = "best.pt"
CALIBRATION_WINDOWS: Final = 2048

FULL: Final = "JUMPS, paper"
NO_ALIGNMENT, PLACED = "JUMPS, w/o P.A.", "JUMPS, w/o P.A., placed by the torso"
NO_ENCODER, NO_OVERLAP = "JUMPS, w/o ENC.", "JUMPS, w/o overlap"


@dataclass(frozen=True)
class AffineMap:
    """One map from normalised units to the image for all sequences: `centre` (x, y) and `scale` in pixels."""

    centre: tuple[float, float]
    scale: float

    @classmethod
    def typical(cls, scenes: list[Scene]) -> AffineMap:
        """The mean place of the pelvis and the mean size of a person."""
        pelvis = np.concatenate([scene.positions[:, INDEX["pelvis"]] for scene in scenes])
        heads = np.concatenate([scene.head_size for scene in scenes])
        x, y = np.nanmean(pelvis, axis=0)
        return cls((round(float(x), 1), round(float(y), 1)), round(float(heads.mean() / HEAD), 1))

    def units(self, windows: int) -> Units:
        """The same for every window."""
        return Units(np.tile(self.centre, (windows, 1)), np.full(windows, self.scale))


def ablations(
    weights: Path | None, without_encoder: Path | None, data: Path, scenes: list[Scene], device: str, seed: int
) -> list[Entrant]:
    """The rows w/o P.A., w/o ENC. (where a run without E is given), w/o overlap.

    Without alignment the generator's windows reach the image by one affine map, the same for all sequences, as the
    paper has it; `placed` is the milder reading, a map for each window that the observed torso tells.
    """
    paper = PRESETS["paper"]
    unaligned = replace(paper, name="w/o P.A.", align=False)
    fixed = prior(NO_ALIGNMENT, "ablation", unaligned, weights, device, seed)
    to_image = AffineMap.typical(scenes)
    found = [
        replace(
            fixed, identity=f"{fixed.identity} {to_image}",
            open=lambda _condition: _one_affine_map(load(weights, device), to_image, unaligned, seed),
        ),
        prior(PLACED, "ablation", unaligned, weights, device, seed),
        prior(NO_OVERLAP, "ablation", replace(paper, name="w/o overlap", hop=WINDOW), weights, device, seed),
    ]  # fmt: skip
    if without_encoder is not None:
        found.insert(2, _encoderless(weights, without_encoder, data, device, seed))
    return found


def _one_affine_map(upsampler: Upsampler, to_image: AffineMap, settings: Settings, seed: int) -> Method:
    """Inversion where every sequence is mapped to the image by one fixed affine map."""

    def method(tracks: np.ndarray) -> np.ndarray:
        clip = Clip.read(tracks, find_joint_set(JOINTS), None, None, PRIOR_FPS, settings)
        windows = ClipWindows.plan(clip, settings, upsampler.weights.pose).all()
        fixed = to_image.units(len(windows.starts))
        placed = fixed.normalise(windows.units.restore(windows.seen.positions))
        seen = Observation(np.where(windows.seen.weight[..., None] > 0, placed, 0.0), windows.seen.weight)
        rng = np.random.default_rng(seed)
        engine = upsampler.engine_for(settings)
        solution = solve(engine, upsampler.weights, seen, settings, rng, lambda _share, _text: None, lambda: False)
        solved = fixed.restore(solution.positions)
        return stitch(settings.stitch, solved, windows.starts, len(tracks), solution.frame_error)

    return method


def _encoderless(weights: Path | None, run: Path, data: Path, device: str, seed: int) -> Entrant:
    """The generator and critic of a run without E, inverted from random starts only, as many as `paper` has."""
    paper = PRESETS["paper"]
    settings = replace(
        paper, name="w/o ENC.", encoder_start=False, random_starts=paper.random_starts + paper.encoder_start
    )
    checkpoint = run / CHECKPOINT
    if not checkpoint.is_file():
        raise InputError(f"{checkpoint} is missing; expected the folder of a training run without encoder.")
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:12]
    made = prior(NO_ENCODER, "ablation", settings, weights, device, seed)

    @cache
    def upsampler() -> Upsampler:
        return Upsampler(weights_of_run(checkpoint, load_weights(weights), data), device)

    def ready(condition: Condition) -> Method:
        return through(upsampler(), condition, settings, seed)

    return replace(made, identity=f"{made.identity} {digest} {identify(weights or BUNDLED, settings)}", open=ready)


def weights_of_run(checkpoint: Path, base: Weights, data: Path) -> Weights:
    """Weights with the averaged generator and the critic of a checkpoint; no E; the rest is that of `base`."""
    import torch

    from jumps_blender.core.inversion.networks import Critic

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    schedule = json.loads(state["schedule"])
    found = {f"generator.{key}": value for key, value in state["average_generator"].items()}
    found |= {f"critic.{key}": value for key, value in state["critic"].items()}
    critic = Critic(schedule["critic_output"], schedule["critic_norm"], found["critic.layers.0.weight"].shape[1])
    critic.load_state_dict(state["critic"])
    windows = Sampler(load_dataset(data, "train"), PAPER, np.random.default_rng(3)).draw(CALIBRATION_WINDOWS)[0]
    with torch.no_grad():
        scores = critic.eval()(torch.from_numpy(to_grid(windows)).permute(0, 3, 1, 2)).numpy()
    return replace(
        base, networks={key: value.numpy() for key, value in found.items()},
        critic_output=schedule["critic_output"], critic_norm=schedule["critic_norm"],
        critic_mean=float(scores.mean()), critic_spread=float(scores.std()),
    )  # fmt: skip
