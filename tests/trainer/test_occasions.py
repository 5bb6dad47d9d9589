"""What the prior is asked: masks, confidences, and errors as large as they are granted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.clip import ENOUGH_JOINTS
from jumps_blender.core.clips.clip_windows import THIN_WINDOW
from jumps_blender.core.direct.gaussian import Gaussian, observed_variance
from jumps_blender.core.direct.refiner import REGIMES
from trainer.cameras import see
from trainer.data.dataset import load_dataset
from trainer.linear import load_linear
from trainer.occasions import DEVIATIONS, TAUGHT, Occasion, Teacher, draw_occasion
from trainer.sampling import Augmentation, Sampler

LIMB = np.isin(JOINTS, LIMB_JOINTS)


@pytest.fixture(scope="module")
def gaussian(prior: Path) -> Gaussian:
    return load_linear(prior / "linear.npz").gaussian


@pytest.fixture(scope="module")
def bank(gaussian: Gaussian) -> list[Occasion]:
    rng = np.random.default_rng(0)
    return [draw_occasion(gaussian, rng, TAUGHT[name]) for name in REGIMES for _ in range(40)]


@pytest.fixture
def sampler(prepared: Path) -> Sampler:
    return Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(1))


def test_occasions_are_such_as_the_product_answers(bank: list[Occasion]) -> None:
    for occasion in bank:
        shown = occasion.weight > 0
        assert shown.any(0).sum() >= ENOUGH_JOINTS
        assert shown.sum() >= THIN_WINDOW
        assert occasion.weight.max() <= 1
        assert DEVIATIONS[0] <= occasion.noise.deviation <= DEVIATIONS[1]
        np.testing.assert_array_equal(occasion.seen, np.repeat(shown.reshape(-1), 2))


def test_occasions_differ(bank: list[Occasion]) -> None:
    paper = [np.array_equal(occasion.weight.any(0), LIMB) for occasion in bank]
    doubted = [len(np.unique(occasion.weight)) > 2 for occasion in bank]
    hidden = [len(np.unique(occasion.weight > 0, axis=0)) > 1 for occasion in bank]
    for share in (np.mean(kind) for kind in (paper, doubted, hidden)):
        assert 0.1 < share < 0.9


def test_the_gain_leads_to_what_the_gaussian_infers(gaussian: Gaussian, bank: list[Occasion]) -> None:
    residual = np.random.default_rng(0).normal(0, 0.1, (2, 24 * 56))
    for occasion in (*bank[:3], *bank[-5:]):
        variance = np.repeat(observed_variance(occasion.weight, occasion.noise.deviation * HEAD).reshape(-1), 2)
        latents = gaussian.infer(residual, np.broadcast_to(variance, residual.shape), occasion.noise.correlation)
        np.testing.assert_allclose(residual[:, occasion.seen] @ occasion.gain, latents, rtol=1e-3, atol=1e-3)


def test_a_lesson_poses_questions_with_their_answers(
    gaussian: Gaussian, bank: list[Occasion], sampler: Sampler
) -> None:
    lesson = Teacher(sampler, gaussian, bank, TAUGHT["noisy"]).lesson(3, 5)
    assert (lesson.inputs.shape, lesson.latents.shape) == ((15, 962), (15, 288))
    assert (lesson.truth.shape, lesson.depth.shape, lesson.size) == ((15, 24, 28, 2), (15, 24, 28), 5)
    for array in (lesson.inputs, lesson.latents, lesson.truth, lesson.depth):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    weight = lesson.inputs[:, 288:-2].reshape(3, 5, -1)
    np.testing.assert_array_equal(weight, weight[:, :1].repeat(5, 1))
    assert np.abs(lesson.depth[..., JOINTS.index("pelvis")]).max() < 1e-6


def test_clean_observations_lead_near_the_truth(gaussian: Gaussian, sampler: Sampler) -> None:
    occasion = Occasion.of(gaussian, np.ones((24, 28)), DEVIATIONS[0])
    lesson = Teacher(sampler, gaussian, [occasion], TAUGHT["calm"]).lesson(1, 20)
    guess = (gaussian.mean + lesson.latents @ gaussian.factor.T).reshape(lesson.truth.shape)
    error = np.linalg.norm(guess - lesson.truth, axis=-1).mean()
    assert error < 0.2 * np.linalg.norm(gaussian.mean.reshape(24, 28, 2) - lesson.truth, axis=-1).mean()


@pytest.mark.parametrize("lasting", [0.0, 0.5, 0.9])
def test_errors_last_as_they_are_inverted(gaussian: Gaussian, prepared: Path, lasting: float) -> None:
    """Their covariance between frames is that which the Gaussian is told, but for the size of each window's."""
    seen = {}
    for deviation in (1e-9, 0.4):
        sampler = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(5))
        occasion = Occasion.of(gaussian, np.ones((24, 28)), deviation, lasting)
        regime = replace(TAUGHT["noisy"], astray=0.0, spared=0.0)
        view = see(sampler.draw_motion(400), sampler.rng, sampler.augmentation.cameras)
        seen[deviation], deserved, told = Teacher(sampler, gaussian, [occasion], regime).spoil(view, occasion)
    errors = (seen[0.4] - seen[1e-9]) / (deserved[:, None] * view.heads)[..., None, None]
    as_told = errors[told == lasting]
    assert 0.8 < len(as_told) / len(errors) <= 1
    found = np.einsum("nfja,ngja->fg", as_told, as_told) / (as_told.size / 24)
    correlation = occasion.noise.correlation
    np.testing.assert_allclose(found, np.eye(24) if correlation is None else correlation, atol=0.03)


def test_errors_are_as_large_as_they_deserve_to_be_granted(gaussian: Gaussian, prepared: Path) -> None:
    weight = np.ones((24, 28))
    seen: dict[float, np.ndarray] = {}
    for deviation in (1e-9, 0.2):
        sampler = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(5))
        occasion = Occasion.of(gaussian, weight, deviation)
        seen[deviation], deserved, _ = Teacher(sampler, gaussian, [occasion], TAUGHT["calm"]).observe(occasion, 200)
    spared = deserved == 0
    assert 0.03 < spared.mean() < 0.2
    assert np.median(deserved[~spared]) == pytest.approx(0.2, rel=0.2)
    steps = np.diff(seen[0.2], axis=1).std((1, 2, 3)) / np.diff(seen[1e-9], axis=1).std((1, 2, 3))
    assert np.median(steps[~spared]) > 1.2
