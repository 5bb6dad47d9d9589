"""The torch engine: CUDA, ROCm, MPS or CPU."""

from __future__ import annotations

import sys

import numpy as np

from ..errors import EngineError, WeightsError
from .skeleton import from_grid, to_grid
from .weights import Weights

try:
    import torch
    from torch import Tensor

    from .networks import ENTRIES, Critic, Encoder, Generator
except ImportError as error:
    raise EngineError(
        f"The interpreter {sys.executable} has no torch ({error}). Choose an interpreter that has it in the add-on's "
        "preferences, or install it into this one: pip install torch"
    ) from error

_TO_JOINTS = torch.from_numpy(from_grid(np.eye(4 * ENTRIES).reshape(-1, ENTRIES, 4)).reshape(-1, 56)).float()
"""(72, 56): the linear map from a frame's grid to its joints, the copies of axial joints averaged."""


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise EngineError(f"Torch cannot use the device {name!r} here ({reason}). Try auto or cpu.") from error
    return device


class TorchEvaluation:
    """Generated windows with their computation graph."""

    def __init__(self, latents: Tensor, positions: Tensor, score: Tensor) -> None:
        self._latents, self._positions, self._score = latents, positions, score
        self.positions: np.ndarray = positions.detach().cpu().numpy()
        self.score: np.ndarray = score.detach().cpu().numpy()

    def pull_back(self, positions: np.ndarray, score: np.ndarray) -> np.ndarray:
        pairs = [(self._positions, positions), (self._score, score)]
        pairs = [(output, given) for output, given in pairs if output.requires_grad]
        given = [torch.from_numpy(g.astype(np.float32)).to(output.device) for output, g in pairs]
        (gradient,) = torch.autograd.grad([output for output, _ in pairs], self._latents, given)
        pulled: np.ndarray = gradient.cpu().numpy()
        return pulled


class TorchEngine:
    """E, G and D in evaluation mode, float32."""

    name = "torch"
    version = torch.__version__

    def __init__(self, device: torch.device, weights: Weights) -> None:
        self._device = device
        self.device = str(device)
        self._encoder = Encoder() if weights.network("encoder") else None
        self._generator = Generator()
        self._critic = Critic(weights.critic_output, weights.critic_norm, weights.critic_channels)
        for name, network in (("encoder", self._encoder), ("generator", self._generator), ("critic", self._critic)):
            if network is None:
                continue
            state = {key: torch.from_numpy(np.array(value)) for key, value in weights.network(name).items()}
            try:
                network.load_state_dict(state)
            except RuntimeError as error:
                raise WeightsError(f"The weights do not fit the {name} of this release: {error}") from error
            network.to(device).eval().requires_grad_(False)
        self._to_joints = _TO_JOINTS.to(device)

    def encode(self, windows: np.ndarray) -> np.ndarray:
        if self._encoder is None:
            raise WeightsError("These weights were trained without an encoder. Use settings without encoder_start.")
        grid = torch.from_numpy(to_grid(windows.astype(np.float32))).permute(0, 3, 1, 2)
        with torch.no_grad():
            latents: np.ndarray = self._encoder(grid.to(self._device)).cpu().numpy()
        return latents

    def evaluate(self, latents: np.ndarray, critic: bool) -> TorchEvaluation:
        z = torch.from_numpy(latents.astype(np.float32)).to(self._device).requires_grad_()
        grid = self._generator(z)  # (B, 4, 24, 18)
        batch = len(latents)
        frames = grid.permute(0, 2, 3, 1).reshape(batch, -1, 4 * ENTRIES)
        positions = (frames @ self._to_joints).reshape(batch, -1, 28, 2)
        score = self._critic(grid)[:, 0] if critic else torch.zeros(batch, device=self._device)
        return TorchEvaluation(z, positions, score)


def open_engine(device: str, weights: Weights) -> TorchEngine:
    """The engine on a device; raises EngineError where torch cannot use it."""
    return TorchEngine(_device(device), weights)
