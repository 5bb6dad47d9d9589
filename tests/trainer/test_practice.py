"""Training a small network for so many minutes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from jumps_blender.errors import InputError
from trainer.practice import Budget, perceptron, save_network


def test_it_starts_at_no_answer() -> None:
    torch.manual_seed(0)
    assert torch.equal(perceptron(5, 8, 3)(torch.randn(4, 5)), torch.zeros(4, 3))


def test_a_budget_is_spent_with_checkpoints_and_the_average_learns() -> None:
    torch.manual_seed(0)
    inputs = torch.randn(64, 3)
    wanted = inputs[:, :1] - 2 * inputs[:, 1:2]
    budget = Budget(perceptron(3, 16, 1), 0.02, 3e-3)
    steps = []
    for step in budget.steps():
        steps.append(step)
        step.descend((budget.network(inputs) - wanted).square().mean())
    assert [step.number for step in steps] == list(range(1, budget.iterations + 1))
    assert len(steps) > 20
    assert 1 <= sum(step.is_checkpoint for step in steps) <= 20
    minutes = [step.minutes for step in steps]
    assert minutes == sorted(minutes)
    assert minutes[-1] < 0.02
    with torch.no_grad():
        left = (budget.average(inputs) - wanted).square().mean() / wanted.square().mean()
    assert left < 0.5


def test_what_is_saved_is_the_average_and_no_half_file_stays(tmp_path: Path) -> None:
    budget = Budget(perceptron(3, 4, 1), 0.001, 1e-2)
    for step in budget.steps():
        step.descend((budget.network(torch.ones(2, 3)) - 1).square().mean())
    save_network(tmp_path / "new" / "small.pt", budget, linear="abc")
    stored = torch.load(tmp_path / "new" / "small.pt", weights_only=True)
    assert (stored["linear"], stored["iteration"], stored["minutes"]) == ("abc", budget.iterations, 0.001)
    for key, value in budget.average.state_dict().items():
        assert torch.equal(stored["model"][key], value)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["small.pt"]


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan")])
def test_a_budget_of_nothing_is_told(minutes: float) -> None:
    with pytest.raises(InputError, match="--minutes is"):
        Budget(perceptron(3, 4, 1), minutes, 1e-2)
