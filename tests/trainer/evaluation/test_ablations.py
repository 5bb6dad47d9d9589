"""The paper's method with parts taken away, on weights that were hardly trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import load_weights
from trainer.__main__ import main
from trainer.data.dataset import load_dataset
from trainer.evaluation.ablations import (
    NO_ALIGNMENT,
    NO_ENCODER,
    NO_OVERLAP,
    PLACED,
    ablations,
    weights_of_run,
)
from trainer.evaluation.conditions import CONDITIONS
from trainer.evaluation.methods import Entrant, load
from trainer.evaluation.scenes import Scene, draw_scenes

CLEAN = CONDITIONS["clean"]


@pytest.fixture(scope="module")
def weights(prepared: Path, trained: Path, prior: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    made = ["--data", str(prepared), "--from", str(trained), "--prior", str(prior)]
    assert main(["export", *made, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def entrants(
    weights: Path, trained: Path, prepared: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Entrant]]:
    """With few steps: what is tested here needs no good answer."""
    monkeypatch.setitem(PRESETS, "paper", replace(PRESETS["paper"], steps=4, random_starts=1))
    load.cache_clear()
    yield {each.name: each for each in ablations(weights, trained, prepared, [scene], "cpu", 0)}
    load.cache_clear()


@pytest.fixture
def scene(prepared: Path) -> Scene:
    return draw_scenes(load_dataset(prepared, "test"), 2, 0)["hdm05"][0]


def answer(entrant: Entrant, scene: Scene, shift: float = 0.0) -> np.ndarray:
    return entrant.open(CLEAN)(CLEAN.tracks(scene, np.random.default_rng(0)) + shift)


def test_the_papers_rows_enter_its_tables_only(entrants: dict[str, Entrant]) -> None:
    assert list(entrants) == [NO_ALIGNMENT, PLACED, NO_ENCODER, NO_OVERLAP]
    for entrant in entrants.values():
        assert [name for name, each in CONDITIONS.items() if entrant.enters(each)] == ["clean", "detector_weak"]
    assert [entrant.hop for entrant in entrants.values()] == [12, 12, 12, 24]
    assert len({entrant.identity for entrant in entrants.values()}) == 4


def test_one_affine_map_knows_neither_place_nor_size(entrants: dict[str, Entrant], scene: Scene) -> None:
    found = answer(entrants[NO_ALIGNMENT], scene, shift=400.0)
    assert found.shape == scene.positions.shape
    middle, height = scene.positions[:, INDEX["pelvis"]].mean(0), np.ptp(scene.positions[..., 1])
    assert np.abs(found - middle).max() < height  # no farther than a tanh reaches from where people usually are
    placed = answer(entrants[PLACED], scene)
    np.testing.assert_allclose(answer(entrants[PLACED], scene, shift=400.0), placed + 400.0, atol=0.5)


def test_without_encoder_the_runs_own_networks_are_inverted(
    entrants: dict[str, Entrant], scene: Scene, trained: Path, weights: Path, prepared: Path
) -> None:
    base = load_weights(weights)
    found = weights_of_run(trained / "best.pt", base, prepared)
    assert not found.network("encoder")
    state = torch.load(trained / "best.pt", weights_only=True)["average_generator"]
    assert found.network("generator").keys() == state.keys()
    for name, values in found.network("generator").items():
        np.testing.assert_array_equal(values, state[name].numpy())
    assert found.critic_spread == pytest.approx(base.critic_spread, rel=0.5)
    assert np.isfinite(answer(entrants[NO_ENCODER], scene)).all()
