"""`python -m trainer export`: turn a checkpoint into the weights that the add-on ships."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from safetensors.numpy import save_file

from jumps_blender.core.gaussian import Gaussian
from jumps_blender.core.networks import PARAMETERS, Critic, Encoder, Generator
from jumps_blender.core.skeleton import to_grid
from jumps_blender.core.weights import DEFAULT, PAPER, VERSION, load_weights

from .data.dataset import load_dataset
from .loop import SCHEDULES
from .sampling import Sampler
from .refine import REFINER
from .train import BEST, GAUSSIANS, load_gaussians

CALIBRATION_WINDOWS = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--from", dest="folder", type=Path, default=Path("out/run"), help="folder of the training run")
    parser.add_argument("--checkpoint", default=BEST, help="checkpoint in it")
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="prepared data, to calibrate the critic on")
    parser.add_argument("--out", type=Path, default=Path("jumps_blender/weights"), help="folder to write")


def run(args: argparse.Namespace) -> int:
    """Write both weight files, each atomically, and read them back."""
    state = torch.load(args.folder / args.checkpoint, map_location="cpu", weights_only=True)
    networks = {
        "encoder": (Encoder(), state["average_encoder"]),
        "generator": (Generator(), state["average_generator"]),
        "critic": (Critic(), state["critic"]),
    }
    arrays: dict[str, np.ndarray] = {}
    for name, (network, values) in networks.items():
        network.load_state_dict(values)
        count = sum(parameter.numel() for parameter in network.parameters())
        if count != PARAMETERS[name]:
            raise SystemExit(f"The {name} has {count} parameters, the paper's {PARAMETERS[name]}.")
        arrays |= {f"{name}.{key}": _stored(value.numpy()) for key, value in network.state_dict().items()}
    mean, spread = _calibrate(networks["critic"][0].eval(), args.data)
    metadata = {
        "version": VERSION, "critic_mean": repr(mean), "critic_spread": repr(spread),
        "iterations": str(state["iteration"]), "minutes": f"{state['seconds'] / 60:.1f}", "schedule": state["schedule"],
    }  # fmt: skip
    gaussians = load_gaussians(args.folder / GAUSSIANS)
    refiner = torch.load(args.folder / REFINER, map_location="cpu", weights_only=True)
    arrays |= {f"pose.{key}": _stored(value) for key, value in _parts(gaussians["pose"])}
    direct = {f"window.{key}": _stored(value) for key, value in _parts(gaussians["window"])}
    direct |= {f"refiner.{key}": _stored(value.numpy()) for key, value in refiner["model"].items()}
    learned = {"iterations": str(refiner["iteration"]), "minutes": f"{refiner['minutes']:.1f}"}
    args.out.mkdir(parents=True, exist_ok=True)
    _write(args.out / PAPER, arrays, metadata)
    _write(args.out / DEFAULT, direct, {"version": VERSION, **learned})
    load_weights(args.out)
    total = sum((args.out / name).stat().st_size for name in (PAPER, DEFAULT))
    Console().print(f"{args.out}: {total / 1e6:.1f} MB; networks {metadata['minutes']} min, refiner {learned['minutes']} min")
    return 0


def _parts(gaussian: Gaussian) -> list[tuple[str, np.ndarray]]:
    # Stored as float16, whose smallest number is 6e-8: noise is kept above it.
    return [("mean", gaussian.mean), ("factor", gaussian.factor), ("noise", np.maximum(gaussian.noise, 1e-7))]


def _stored(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values if values.dtype.kind == "i" else values.astype(np.float16))


def _calibrate(critic: torch.nn.Module, data: Path) -> tuple[float, float]:
    """Mean and standard deviation of the critic's score on real windows: what makes L_Inp's 15 mean the same."""
    sampler = Sampler(load_dataset(data, "train"), SCHEDULES["small"].augmentation, np.random.default_rng(3))
    positions, _ = sampler.draw(CALIBRATION_WINDOWS)
    with torch.no_grad():
        score = critic(torch.from_numpy(to_grid(positions)).permute(0, 3, 1, 2))
    return float(score.mean()), float(score.std())


def _write(path: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    partial = path.with_suffix(".partial")
    save_file(arrays, partial, metadata)
    partial.chmod(0o644)
    os.replace(partial, path)
