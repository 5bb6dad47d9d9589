"""The torch engine: CUDA, ROCm, MPS or CPU."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Final

import numpy as np

from ...errors import EngineError, WeightsError
from ..body.skeleton import to_grid
from ..direct.gaussian import Gaussian
from ..direct.perceptron import Perceptron
from ..inversion.published import ENTRIES
from ..weights import Weights
from .engine import TO_JOINTS, State

try:
    import torch
    from torch import Tensor, nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    from ..inversion.networks import Critic, Encoder, Generator
except Exception as error:  # a damaged one raises OSError and others
    raise EngineError(
        f"The interpreter {sys.executable} has no torch ({error}). Choose an interpreter that has it in the add-on's "
        "preferences, or install it into this one: pip install torch"
    ) from error

_BATCH: Final = {"cpu": 64}
_BATCH_ON_A_DEVICE: Final = 2048
"""Latents at once: a quarter of a megabyte each."""

_SOLVED: Final = 64
"""Windows whose latents are solved for at once: three megabytes each."""

_WARM_UP: Final = 3
"""Steps that a captured graph needs to be taken once before, for what libraries set up at first use."""


def gpu() -> str | None:
    """The device "cuda" (CUDA and ROCm) or "mps" where torch sees one."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def _device(name: str) -> torch.device:
    if name == "auto":
        name = gpu() or "cpu"
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
        self.positions = positions.detach()
        self.score = score.detach()

    def pull_back(self, positions: Tensor, score: Tensor) -> Tensor:
        """See `Evaluation`."""
        pairs = [(self._positions, positions), (self._score, score)]
        pairs = [(output, given) for output, given in pairs if output.requires_grad]
        with _exactly():
            (gradient,) = torch.autograd.grad(
                [output for output, _ in pairs], self._latents, [given for _, given in pairs]
            )
        return gradient


def _exactly() -> AbstractContextManager[None]:
    """Convolutions in full float32 and always the same: a device may otherwise round to 10 bits, and sum at random."""
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    return flags


def latents_of(
    factor: Tensor, noise: Tensor, residual: Tensor, variance: Tensor, correlation: Tensor | None = None
) -> Tensor:
    """`Gaussian.infer` for all windows at once, in float64: observed variances may be tiny."""
    found = []
    for rows, spread in zip(residual.split(_SOLVED), variance.split(_SOLVED), strict=True):
        if correlation is None:
            weighed = factor * (1 / (spread + noise))[..., None]
        else:
            weighed = _weighed(factor, noise, spread, correlation)
        precision = factor.mT @ weighed + torch.eye(factor.shape[1], dtype=factor.dtype, device=factor.device)
        right = torch.where(spread.isfinite(), rows, 0.0)[:, None] @ weighed
        found.append(torch.cholesky_solve(right.mT, torch.linalg.cholesky(precision))[..., 0])
    return torch.cat(found)


def _weighed(factor: Tensor, noise: Tensor, variance: Tensor, correlation: Tensor) -> Tensor:
    """The factor times the precision of observations whose errors last, (windows, n, rank); see `precision.Lasting`."""
    frames = len(correlation)
    granted = variance.reshape(len(variance), frames, -1, 2)[..., 0].mT
    open_ = noise.reshape(frames, -1, 2).mean(-1).T
    seen = granted.isfinite()
    deviation = torch.where(seen, granted, 0.0).sqrt()
    covariance = correlation * deviation[..., :, None] * deviation[..., None, :]
    covariance = covariance + torch.diag_embed(torch.where(seen, open_, 1.0))
    worth = torch.linalg.inv(covariance) * (seen[..., :, None] & seen[..., None, :])
    parts = factor.reshape(frames, -1, 2, factor.shape[1])
    return torch.einsum("njts,sjar->ntjar", worth, parts).reshape(len(variance), *factor.shape)


class TorchEngine:
    """E, G and D in evaluation mode, float32."""

    name = "torch"
    version = str(torch.__version__)
    xp = torch

    def __init__(self, device: torch.device, weights: Weights) -> None:
        self._device = device
        self._weights = weights
        self.device = str(device)
        self.batch = _BATCH.get(device.type, _BATCH_ON_A_DEVICE)
        self._to_joints = self.send(TO_JOINTS)
        self._perceptrons: dict[int, tuple[Perceptron, list[tuple[Tensor, Tensor]]]] = {}
        self._gaussians: dict[int, tuple[Gaussian, Tensor, Tensor]] = {}

    def apply(self, network: Perceptron, inputs: np.ndarray) -> np.ndarray:
        """See `Engine`."""
        if id(network) not in self._perceptrons:
            layers = [(self.send(weight), self.send(bias)) for weight, bias in network.layers]
            self._perceptrons[id(network)] = network, layers
        _, layers = self._perceptrons[id(network)]
        x = self.send(inputs)
        for weight, bias in layers[:-1]:
            x = nn.functional.gelu(torch.addmm(bias, x, weight), approximate="tanh")
        weight, bias = layers[-1]
        return self.fetch(torch.addmm(bias, x, weight))

    def infer(
        self, gaussian: Gaussian, residual: np.ndarray, variance: np.ndarray, correlation: np.ndarray | None = None
    ) -> np.ndarray:
        """See `Engine`; in float64, so on a device that has none, and on the CPU itself, by numpy."""
        if self._device.type in ("cpu", "mps"):
            return gaussian.infer(residual, variance, correlation)
        if id(gaussian) not in self._gaussians:
            tensors = (torch.tensor(each, device=self._device) for each in (gaussian.factor, gaussian.noise))
            self._gaussians[id(gaussian)] = gaussian, *tensors
        _, factor, noise = self._gaussians[id(gaussian)]
        given = [each for each in (residual, variance, correlation) if each is not None]
        sent = (torch.tensor(each, dtype=torch.float64, device=self._device) for each in given)
        return self.fetch(latents_of(factor, noise, *sent))

    def send(self, array: np.ndarray) -> Tensor:
        """See `Engine`."""
        return torch.tensor(np.asarray(array, np.float32), device=self._device)

    def fetch(self, array: Tensor) -> np.ndarray:
        """See `Engine`."""
        fetched: np.ndarray = array.cpu().numpy()
        return fetched

    def encode(self, windows: np.ndarray) -> np.ndarray:
        """See `Engine`; raises WeightsError where these weights have no encoder."""
        if self._encoder is None:
            raise WeightsError("These weights were trained without an encoder. Use settings without encoder_start.")
        with torch.no_grad(), _exactly():
            return self.fetch(self._encoder(self.send(to_grid(windows)).permute(0, 3, 1, 2)))

    def evaluate(self, latents: Tensor, critic: bool) -> TorchEvaluation:
        """See `Engine`."""
        z = latents.detach().requires_grad_()
        batch = len(z)
        with torch.enable_grad(), _exactly():
            grid = self._generator(z)  # (batch, 4, 24, 18)
            frames = grid.permute(0, 2, 3, 1).reshape(batch, -1, 4 * ENTRIES)
            positions = (frames @ self._to_joints).reshape(batch, -1, 28, 2)
            score = self._critic(grid)[:, 0] if critic else torch.zeros(batch, device=self._device)
        return TorchEvaluation(z, positions, score)

    def repeat(
        self, step: Callable[[State], State], state: State, times: int, report: Callable[[float], None]
    ) -> State:
        """See `Engine`; on CUDA and ROCm the step is captured once and then replayed."""
        with torch.no_grad():
            if self._device.type != "cuda" or times <= _WARM_UP:
                advance, kept = step, state
            else:
                advance, kept = _captured(step, state)
            for k in range(times):
                report(k / times)
                kept = advance(kept)
            return kept

    @cached_property
    def _encoder(self) -> nn.Module | None:
        return self._ready("encoder", Encoder()) if self._weights.network("encoder") else None

    @cached_property
    def _generator(self) -> nn.Module:
        return self._ready("generator", Generator())

    @cached_property
    def _critic(self) -> nn.Module:
        weights = self._weights
        return self._ready("critic", Critic(weights.critic_output, weights.critic_norm, weights.critic_channels))

    def _ready(self, name: str, network: Encoder | Generator | Critic) -> nn.Module:
        state = {key: torch.from_numpy(np.array(value)) for key, value in self._weights.network(name).items()}
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise WeightsError(f"The weights do not fit the {name} of this release: {error}") from error
        network.eval()
        network.layers = _folded(network.layers)
        return network.to(self._device, memory_format=torch.channels_last).requires_grad_(False)


def _folded(layers: nn.Sequential) -> nn.Sequential:
    """The same layers with batch norm folded into the convolutions."""
    folded: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            before = folded[-1]
            folded[-1] = fuse_conv_bn_eval(before, layer, transpose=isinstance(before, nn.ConvTranspose2d))
        else:
            folded.append(layer)
    return nn.Sequential(*folded)


def _captured(step: Callable[[State], State], state: State) -> tuple[Callable[[State], State], State]:
    """A step as one graph of the device, and the state in whose place it works."""
    kept = type(state)(*(each.clone() for each in state))
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(_WARM_UP):
            step(kept)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for each, after in zip(kept, step(kept), strict=True):
            each.copy_(after)

    def replay(_: State) -> State:
        graph.replay()
        return kept

    return replay, kept


def open_engine(device: str, weights: Weights) -> TorchEngine:
    """The engine on a device; raises EngineError where torch cannot use it."""
    return TorchEngine(_device(device), weights)
