"""The command `refine`: a network that starts at "no change", learns, and runs in numpy as in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.gaussian import Gaussian
from jumps_blender.core.normalise import HEAD
from jumps_blender.core.refiner import Refiner
from jumps_blender.core.skeleton import INDEX, LIMB_JOINTS
from trainer import refine
from trainer.__main__ import main
from trainer.data.dataset import load_dataset
from trainer.refine import Exercise, Lesson, network
from trainer.sampling import Augmentation, Sampler
from trainer.train import load_gaussians


@pytest.fixture
def window(trained: Path) -> Gaussian:
    return load_gaussians(trained / "gaussians.npz")["window"]


@pytest.fixture
def lesson(prepared: Path, window: Gaussian) -> Lesson:
    return Lesson(Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(0)), window)


def test_the_refiner_is_kept_with_its_effort(trained: Path) -> None:
    stored = torch.load(trained / "refiner.pt", weights_only=True)
    assert stored["iteration"] >= 1
    assert stored["minutes"] > 0
    assert [tuple(value.shape) for value in stored["model"].values()] == [
        (16, 288 + 24 * 28 + 1), (16,), (16, 16), (16,), (288, 16), (288,),
    ]  # fmt: skip


def test_it_starts_at_no_change() -> None:
    torch.manual_seed(0)
    assert torch.equal(network(288, 32)(torch.randn(3, 961)), torch.zeros(3, 288))


def test_numpy_answers_as_torch_does() -> None:
    torch.manual_seed(0)
    model = network(288, 32)
    torch.nn.init.normal_(model[-1].weight)
    inputs = torch.randn(5, 961)
    linear = [layer for layer in model if isinstance(layer, torch.nn.Linear)]
    layers = tuple((layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear)
    with torch.no_grad():
        np.testing.assert_allclose(Refiner(layers).change(inputs.numpy()), model(inputs).numpy(), atol=1e-4)


def test_a_lesson_poses_questions_with_their_answers(lesson: Lesson, window: Gaussian) -> None:
    inputs, latents, truth = lesson.draw(4, 8)
    assert (inputs.shape, latents.shape, truth.shape) == ((32, 961), (32, 288), (32, 24, 28, 2))
    assert all(np.isfinite(array).all() for array in (inputs, latents, truth))
    weight = inputs[:, 288:-1]
    assert weight.min() >= 0
    assert weight.max() <= 1
    guess = (window.mean + latents @ window.factor.T).reshape(truth.shape)
    error = np.linalg.norm(guess - truth, axis=-1).mean()
    assert error < 0.5 * np.linalg.norm(window.mean.reshape(truth.shape[1:]) - truth, axis=-1).mean()


def test_windows_of_a_group_share_their_mask(lesson: Lesson) -> None:
    weight = lesson.draw(3, 5)[0][:, 288:-1].reshape(3, 5, -1)
    np.testing.assert_array_equal(weight, weight[:, :1].repeat(5, 1))
    assert not np.array_equal(weight[0], weight[1])


def test_limbs_vanish_for_a_while(lesson: Lesson) -> None:
    limbs = [INDEX[name] for name in LIMB_JOINTS]
    gone = [np.flatnonzero(np.diff((lesson._weight()[:, limbs] > 0).sum(1))) for _ in range(200)]
    share = np.mean([len(frames) > 0 for frames in gone])
    assert 0.15 < share < 0.45


def test_noise_is_of_unit_size_and_wanders(lesson: Lesson) -> None:
    noise = lesson._noise((400, 24, 28, 2))
    assert noise.std() == pytest.approx(1, abs=0.03)
    close = (noise[:, 1:] * noise[:, :-1]).mean()
    far = (noise[:, 12:] * noise[:, :-12]).mean()
    assert 0.45 < close < 0.7  # white none, wandering 0.68, constant 1, a third each
    assert 0.25 < far < 0.42


def test_it_is_judged_by_what_is_left_of_the_gaussians_error(lesson: Lesson, window: Gaussian) -> None:
    exercise, (inputs, latents, truth) = Exercise(window, 64), lesson.draw(2, 16)
    assert exercise.loss((inputs, latents, truth), 2).item() == pytest.approx(1)
    exercise.network[-1].bias.data.fill_(0.05)
    left = []
    for group in (slice(0, 16), slice(16, 32)):
        alone, refined = (
            error_in_heads(window.mean + z @ window.factor.T, truth[group])
            for z in (latents[group], latents[group] + 0.05)
        )
        left.append(refined / alone)
    assert exercise.loss((inputs, latents, truth), 2).item() == pytest.approx(np.mean(left), rel=1e-3)


def error_in_heads(joints: np.ndarray, truth: np.ndarray) -> float:
    """Mean joint error + 2 x mean velocity error."""
    difference = joints.reshape(truth.shape) - truth
    position, velocity = (np.linalg.norm(d, axis=-1).mean() for d in (difference, np.diff(difference, axis=1)))
    return float(position + 2 * velocity) / HEAD


def test_it_learns(lesson: Lesson, window: Gaussian) -> None:
    torch.manual_seed(0)
    exercise, questions = Exercise(window, 64), lesson.draw(2, 16)
    optimiser = torch.optim.Adam(exercise.network.parameters(), 1e-3)
    for _ in range(40):
        optimiser.zero_grad()
        exercise.loss(questions, 2).backward()
        optimiser.step()
    assert exercise.loss(questions, 2).item() < 0.9


def test_a_folder_without_gaussians_is_told(prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refine", "--data", str(prepared), "--out", str(tmp_path)]) == 2
    assert "gaussians.npz is missing; expected the folder of a training run" in capsys.readouterr().err


def test_a_budget_of_nothing_is_told(prepared: Path, trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refine", "--data", str(prepared), "--out", str(trained), "--minutes", "0"]) == 2
    assert "--minutes is 0.0, expected a budget above 0" in capsys.readouterr().err


def test_data_under_share_alike_terms_is_refused(
    forbidden: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (trained / refine.REFINER).read_bytes()
    assert main(["refine", "--data", str(forbidden), "--out", str(trained)]) == 2
    assert "under CC-BY-SA-3.0, the first is emil" in capsys.readouterr().err
    assert (trained / refine.REFINER).read_bytes() == before
