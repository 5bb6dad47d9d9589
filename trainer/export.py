"""`python -m trainer export`: turn what was trained into the weights that the add-on ships, with their card."""

from __future__ import annotations

import argparse
import json
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from safetensors.numpy import save
from torch import nn

from jumps_blender.core.body.skeleton import to_grid
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.core.inversion.networks import PARAMETERS, Critic, Encoder, Generator
from jumps_blender.core.weights import DEFAULT, PAPER, VERSIONS, load_weights
from jumps_blender.errors import InputError

from .card import CARD, Origin, model_card, read_results
from .contents import Contents, Effort, half
from .data.dataset import Clip, assert_shippable, load_dataset
from .fingerprint import fingerprint
from .poses import POSES, load_poses
from .practice import read_state
from .prior import Prior
from .sampling import Sampler
from .schedule import SCHEDULES
from .train import BEST, read_options

CALIBRATION_WINDOWS = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--from", dest="folder", type=Path, default=Path("out/run"), help="folder of `train`")
    parser.add_argument("--checkpoint", default=BEST, help="checkpoint in the folder of `train`")
    prior = "folder of `refine`, `follow` and `screen`"
    parser.add_argument("--prior", type=Path, default=Path("out/prior"), help=prior)
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="the prepared data that it was trained on")
    parser.add_argument("--results", type=Path, help="results.json of `evaluate`, for the table in the model card")
    parser.add_argument("--out", type=Path, default=Path("jumps_blender/weights"), help="folder to write")


def run(args: argparse.Namespace) -> int:
    """Write both weight files and the card; nothing is replaced before all can be read back."""
    clips = load_dataset(args.data)
    assert_shippable(clip for clip in clips if clip.split != "test")
    training, prior = Training.read(args.folder, args.checkpoint), Prior.read(args.prior)
    results = read_results(args.results) if args.results else None
    mean, spread = _calibrate(training.networks["critic"], clips)
    calibration = {"critic_mean": repr(mean), "critic_spread": repr(spread)}
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=args.out, prefix=".writing-") as temporary:
        folder = Path(temporary)
        write(folder / PAPER, *training.contents(calibration))
        write(folder / DEFAULT, *prior.contents())
        _check_measured(results, fingerprint(folder))
        sizes = {name: (folder / name).stat().st_size for name in (PAPER, DEFAULT)}
        run_options, schedule = training.options, json.loads(training.schedule)
        efforts = training.effort, prior.efforts
        origin = Origin(load_weights(folder), sizes, clips, run_options, schedule, *efforts, results)
        (folder / CARD).write_text(model_card(origin), encoding="utf-8")
        for name in (PAPER, DEFAULT, CARD):
            os.replace(folder / name, args.out / name)
    trained = {"networks": training.effort, **prior.efforts}
    minutes = ", ".join(f"{name} {effort.minutes:.1f} min" for name, effort in trained.items())
    Console().print(f"{args.out}: {sum(sizes.values()) / 1e6:.1f} MB; {minutes}")
    return 0


@dataclass(frozen=True)
class Training:
    """What a run of `train` left in its folder: the published networks."""

    options: dict[str, Any]
    schedule: str
    networks: dict[str, nn.Module]
    effort: Effort
    pose: Gaussian

    @classmethod
    def read(cls, folder: Path, name: str) -> Training:
        """Read the checkpoint `name` and the Gaussians; raises InputError where one is missing."""
        checkpoint = read_state(folder / name, "train")
        return cls(
            read_options(folder),
            checkpoint["schedule"],
            _networks(checkpoint),
            Effort(checkpoint["iteration"], checkpoint["seconds"] / 60),
            load_poses(folder / POSES),
        )

    def contents(self, calibration: dict[str, str]) -> Contents:
        """The published networks, and the Gaussian that fills what E is fed."""
        named = (("mean", self.pose.mean), ("factor", self.pose.factor), ("noise", self.pose.noise))
        arrays = {f"pose.{key}": value.astype(np.float32) for key, value in named}
        for name, network in self.networks.items():
            arrays |= {f"{name}.{key}": half(key, value) for key, value in network.state_dict().items()}
        schedule = json.loads(self.schedule)
        critic = {name: schedule[name] for name in ("critic_output", "critic_norm")}
        return arrays, calibration | critic | {"schedule": self.schedule} | self.effort.told()


def _check_measured(results: dict[str, Any] | None, weights: str) -> None:
    """Refuse results of other weights; those of baselines alone (None) fit all."""
    if results and results["weights"] not in (None, weights):
        raise InputError(
            f"The results are those of the weights {results['weights']}, these are {weights}. Export without "
            "--results, evaluate these, and export again."
        )


def _networks(checkpoint: dict[str, Any]) -> dict[str, nn.Module]:
    """The averaged E and G, and D, in evaluation mode."""
    states = {"encoder": "average_encoder", "generator": "average_generator", "critic": "critic"}
    schedule = json.loads(checkpoint["schedule"])
    critic = Critic(schedule["critic_output"], schedule["critic_norm"])
    networks: dict[str, nn.Module] = {"encoder": Encoder(), "generator": Generator(), "critic": critic}
    for name, network in networks.items():
        network.load_state_dict(checkpoint[states[name]])
        network.load_state_dict(checkpoint.get("statistics", {}).get(name, {}), strict=False)
        count = sum(parameter.numel() for parameter in network.parameters())
        if count != PARAMETERS[name] and (name, schedule["critic_norm"]) != ("critic", "figure"):
            raise InputError(f"The {name} has {count} parameters, the paper's {PARAMETERS[name]}.")
        network.eval()
    return networks


def _calibrate(critic: nn.Module, clips: list[Clip]) -> tuple[float, float]:
    """Mean and standard deviation of the critic's score on real windows: what L_Inp's weight on it is measured by."""
    trained = [clip for clip in clips if clip.split == "train"]
    positions, _ = Sampler(trained, SCHEDULES["small"].augmentation, np.random.default_rng(3)).draw(CALIBRATION_WINDOWS)
    with torch.no_grad():
        score = critic(torch.from_numpy(to_grid(positions)).permute(0, 3, 1, 2))
    return float(score.mean()), float(score.std())


def write(path: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Write a file of weights, named as the product names it."""
    # The library writes what lies in memory, whatever its order: a transposed matrix would come back scrambled.
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    data = save(whole, {"version": VERSIONS[path.name], **metadata})
    # The library shuffles the metadata: sorted, the same checkpoint always gives the same bytes.
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size :])
