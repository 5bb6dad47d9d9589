"""The command `refine`: a network that starts at "no change", is judged by what is left of the error, and learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.direct.refiner import REGIMES, outputs
from trainer.__main__ import main
from trainer.data.dataset import load_dataset
from trainer.linear import Linear, load_linear
from trainer.occasions import TAUGHT, Lesson, Teacher, draw_occasion
from trainer.refine import Exercise
from trainer.sampling import Augmentation, Sampler


@pytest.fixture(scope="module")
def linear(prior: Path) -> Linear:
    return load_linear(prior / "linear.npz")


@pytest.fixture(scope="module")
def lesson(prepared: Path, linear: Linear) -> Lesson:
    """Two occasions, 8 windows on each."""
    sampler = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(0))
    bank = [draw_occasion(linear.gaussian, sampler.rng, TAUGHT["calm"]) for _ in range(3)]
    return Teacher(sampler, linear.gaussian, bank, TAUGHT["calm"]).lesson(2, 8)


@pytest.fixture
def exercise(linear: Linear) -> Exercise:
    torch.manual_seed(0)
    return Exercise(linear, 32)


@pytest.mark.parametrize("name", REGIMES)
def test_each_network_is_kept_with_its_effort(prior: Path, name: str) -> None:
    stored = torch.load(prior / f"refiner_{name}.pt", weights_only=True)
    assert stored["iteration"] >= 1
    assert stored["minutes"] > 0
    assert [tuple(value.shape) for value in stored["model"].values()] == [
        (16, 288 + 24 * 28 + 2), (16,), (16, 16), (16,), (outputs(288, 96), 16), (outputs(288, 96),),
    ]  # fmt: skip


def test_at_first_all_of_the_gaussians_error_is_left(exercise: Exercise, lesson: Lesson) -> None:
    with torch.no_grad():
        assert (exercise.network(torch.from_numpy(lesson.inputs)) == 0).all()
        assert exercise.loss(lesson)[1].item() == pytest.approx(1)


def error_in_heads(joints: np.ndarray, truth: np.ndarray) -> float:
    """Mean joint error + 2 x mean velocity error + 3 x mean acceleration error."""
    difference = joints.reshape(truth.shape) - truth
    position, velocity, acceleration = (
        np.linalg.norm(np.diff(difference, order, axis=1), axis=-1).mean() for order in range(3)
    )
    return float(position + 2 * velocity + 3 * acceleration) / HEAD


def test_it_is_judged_by_what_is_left_on_each_occasion(exercise: Exercise, lesson: Lesson, linear: Linear) -> None:
    exercise.network[-1].bias.data[: exercise.rank] = 0.1
    left = []
    for group in (slice(0, 8), slice(8, 16)):
        alone, refined = (
            error_in_heads(linear.mean + latents @ linear.factor.T, lesson.truth[group])
            for latents in (lesson.latents[group], lesson.latents[group] + 0.1)
        )
        left.append(refined / alone)
    assert exercise.loss(lesson, exercise.network)[1].item() == pytest.approx(np.mean(left), rel=2e-3)


def test_spreads_are_learned_without_moving_the_answer(exercise: Exercise, lesson: Lesson) -> None:
    """The likelihood must not be bought with worse positions: only spreads feel it."""
    total, left = exercise.loss(lesson, exercise.network)
    bias = exercise.network[-1].bias
    of_total, of_left = (torch.autograd.grad(loss, bias, retain_graph=True)[0] for loss in (total, left))
    torch.testing.assert_close(of_total[: exercise.rank], of_left[: exercise.rank])
    assert (of_total[exercise.rank :] != 0).all()
    assert (of_left[exercise.rank :] == 0).all()


def test_it_learns(exercise: Exercise, lesson: Lesson) -> None:
    optimiser = torch.optim.Adam(exercise.network.parameters(), 3e-3)
    first, _ = exercise.loss(lesson)
    for _ in range(40):
        optimiser.zero_grad()
        exercise.loss(lesson)[0].backward()
        optimiser.step()
    total, left = exercise.loss(lesson)
    assert left.item() < 0.9
    assert total.item() < first.item() - 0.1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--minutes", "0", "--occasions", "2"], "--minutes is 0.0, expected a budget above 0"),
        (["--batch", "7"], "--batch is 7, expected at least 8"),
        (["--without", "cmu_amc,uiprdm"], "No training clip is of uiprdm; expected some of cmu_amc, uiprmd"),
    ],
)
def test_options_that_cannot_be_are_told(
    prepared: Path, prior: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    before = (prior / "refiner_calm.pt").read_bytes()
    assert main(["refine", "--data", str(prepared), "--out", str(prior), *words]) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert (prior / "refiner_calm.pt").read_bytes() == before


def test_data_under_share_alike_terms_is_refused(
    forbidden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["refine", "--data", str(forbidden), "--out", str(tmp_path)]) == 2
    assert "under CC-BY-SA-3.0, the first is emil" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
