"""Counts what a solve does, where a clock would only guess: what an engine is asked, and what is multiplied."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from jumps_blender.core import Upsampler, upsampler
from jumps_blender.core.engines.opening import open_engine
from jumps_blender.core.weights import Weights


class Spy:
    """An engine that counts what it is asked, and lets another one do it."""

    def __init__(self, engine, weights: Weights) -> None:
        self._engine = engine
        self._names = {
            id(weights.screen): "screen",
            id(weights.noise_judge): "judge",
            id(weights.refiner.calm): "refiner",
            id(weights.refiner.noisy): "refiner",
            id(weights.follower.gate): "follower",
        }
        self.calls: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self.steps = 0
        self.read_back: list[str] = []
        """What left the device, or waited for it, between a first step and its last."""
        self._stepping = False

    def __getattr__(self, name: str):
        return getattr(self._engine, name)

    def _count(self, what: str, rows: int) -> None:
        self.calls[what] += 1
        self.rows[what] += rows
        if self._stepping and what in {"fetch", "apply", "infer", "encode"}:
            self.read_back.append(what)

    def apply(self, network, inputs):
        self._count(self._names[id(network)], len(inputs))
        return self._engine.apply(network, inputs)

    def infer(self, gaussian, residual, variance, correlation=None):
        self._count("infer", len(residual))
        return self._engine.infer(gaussian, residual, variance, correlation)

    def encode(self, windows):
        self._count("encode", len(windows))
        return self._engine.encode(windows)

    def evaluate(self, latents, critic):
        self._count("evaluate", len(latents))
        return self._engine.evaluate(latents, critic)

    def fetch(self, array):
        self._count("fetch", len(array))
        return self._engine.fetch(array)

    def repeat(self, step, state, times, report):
        self._stepping, self.steps = True, self.steps + times
        try:
            return self._engine.repeat(step, state, times, report)
        finally:
            self._stepping = False


class Tally(np.ndarray):
    """A matrix whose products are counted, and those of what is made of it by elements."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        plain = [each.view(np.ndarray) if isinstance(each, Tally) else each for each in inputs]
        answer = getattr(ufunc, method)(*plain, **({"out": tuple(np.asarray(o) for o in out)} if out else {}), **kwargs)
        if ufunc is np.matmul:
            left, right = (np.shape(each) for each in plain)
            products["calls"] += 1
            products["multiply-adds"] += int(np.prod(left)) * (right[-1] if len(right) > 1 else 1)
            return answer
        return answer.view(Tally) if isinstance(answer, np.ndarray) else answer


products: Counter[str] = Counter()
"""Since it was last cleared."""


def watched(monkeypatch, weights: Weights, engine: str = "numpy") -> tuple[Upsampler, Spy]:
    """An upsampler whose engine is watched."""
    spy = Spy(open_engine(engine, "cpu", weights), weights)
    monkeypatch.setattr(upsampler, "open_engine", lambda *_arguments: spy)
    return Upsampler(weights, "cpu", engine), spy


def tallied(weights: Weights) -> Weights:
    """The same weights, products with the window's Gaussian counted in `products`."""
    products.clear()
    return replace(weights, window=replace(weights.window, factor=weights.window.factor.view(Tally)))
