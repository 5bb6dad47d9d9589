"""Each equation of the training against a calculation of its own."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from jumps_blender.core.body.skeleton import GRID_ENTRIES, JOINTS, to_grid
from jumps_blender.core.inversion.networks import Critic, with_velocity
from trainer import losses


def windows(seed: int, n: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.4, (n, 24, 28, 2))


def grid(positions: np.ndarray) -> Tensor:
    return torch.from_numpy(to_grid(positions)).permute(0, 3, 1, 2).float()


def mpjpe_by_hand(x: np.ndarray, y: np.ndarray) -> float:
    errors = [
        np.hypot(*(x[n, f, j] - y[n, f, j])) for n in range(len(x)) for f in range(24) for j in range(len(JOINTS))
    ]
    return float(np.mean(errors))


def mpjve_by_hand(x: np.ndarray, y: np.ndarray) -> float:
    def velocity(z: np.ndarray) -> np.ndarray:
        v = np.zeros_like(z)
        for frame in range(1, 24):
            v[:, frame] = z[:, frame] - z[:, frame - 1]
        return v

    return mpjpe_by_hand(velocity(x), velocity(y))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_position_and_velocity_errors_are_means_over_28_joints(seed: int) -> None:
    x, y = windows(seed), windows(seed + 1)
    assert losses.mpjpe(grid(x), grid(y)).item() == pytest.approx(mpjpe_by_hand(x, y), rel=1e-5)
    assert losses.mpjve(grid(x), grid(y)).item() == pytest.approx(mpjve_by_hand(x, y), rel=1e-5)


@pytest.mark.parametrize("joint", ["pelvis", "head_top", "left_wrist", "right_toe"])
def test_every_joint_counts_once(joint: str) -> None:
    x = windows(0)
    y = x.copy()
    y[:, :, JOINTS.index(joint)] += [0.3, 0.4]
    assert losses.mpjpe(grid(x), grid(y)).item() == pytest.approx(0.5 / 28, rel=1e-4)


def test_one_copy_of_an_axial_joint_counts_half() -> None:
    x = grid(windows(0))
    y = x.clone()
    y[:, 0, :, GRID_ENTRIES.index("neck")] += 1.0
    assert losses.mpjpe(x, y).item() == pytest.approx(0.5 / 28, rel=1e-4)


def test_reconstruction_is_200_positions_and_100_velocities() -> None:
    x, y = windows(1), windows(2)
    expected = 200 * mpjpe_by_hand(x, y) + 100 * mpjve_by_hand(x, y)
    assert losses.reconstruction(grid(x), grid(y)).item() == pytest.approx(expected, rel=1e-5)


def test_a_perfect_window_costs_nothing_and_has_a_gradient() -> None:
    x = grid(windows(3)).requires_grad_()
    loss = losses.reconstruction(x, x.detach())
    loss.backward()
    assert loss.item() < 1e-3
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()


def test_backward_is_twice_the_mean_square() -> None:
    rng = np.random.default_rng(4)
    z, encoded = rng.normal(size=(5, 128)), rng.normal(size=(5, 128))
    found = losses.backward(torch.from_numpy(z).float(), torch.from_numpy(encoded).float())
    assert found.item() == pytest.approx(2 * sum((z - encoded).ravel() ** 2) / z.size, rel=1e-5)


def test_scores_enter_with_the_printed_signs() -> None:
    real, generated = torch.tensor([[1.0], [5.0]]), torch.tensor([[2.0], [-4.0]])
    assert losses.adversarial(generated).item() == 1.0  # L_G = L_Mix = -mean(2, -4)
    assert losses.critic_loss(real, generated).item() == -4.0  # mean(2, -4) - mean(1, 5)
    assert losses.W_MIX == 1.0


def penalty_by_differences(critic: Critic, x: np.ndarray, y: np.ndarray, mix: np.ndarray) -> float:
    """The penalty from directional derivatives: the gradient's norm is the slope along the gradient's own direction."""
    between = mix * x + (1 - mix) * y

    def total(batch: np.ndarray) -> float:
        with torch.no_grad():
            return float(critic.layers(torch.from_numpy(batch)).sum())

    velocity = np.diff(between, axis=2, prepend=between[:, :, :1])
    at = np.concatenate([between, velocity], axis=1)
    step = 1e-6
    norms = []
    for n in range(len(at)):
        gradient = np.zeros(at[n].size)
        for i in range(at[n].size):
            up, down = at.copy(), at.copy()
            up[n].flat[i] += step
            down[n].flat[i] -= step
            gradient[i] = (total(up) - total(down)) / (2 * step)
        norms.append(np.sqrt((gradient**2).sum()))
    return 10 * float(np.mean((np.array(norms) - 1) ** 2))


def narrow_critic() -> Critic:
    """A critic of the same make, small enough for finite differences over all its inputs."""
    torch.manual_seed(7)
    critic = Critic()
    critic.layers = torch.nn.Sequential(
        torch.nn.Conv2d(8, 3, (4, 4), 4, bias=False), torch.nn.BatchNorm2d(3), torch.nn.LeakyReLU(0.2),
        torch.nn.Flatten(), torch.nn.Linear(72, 1),
    ).double()  # fmt: skip
    return critic


def test_the_penalty_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(8)
    x, y = (rng.normal(0, 0.5, (2, 4, 24, 18)) for _ in range(2))
    mix = rng.random((2, 1, 1, 1))
    critic = narrow_critic()
    found = losses.gradient_penalty(critic, *(torch.from_numpy(a) for a in (x, y, mix)))
    assert found.item() == pytest.approx(penalty_by_differences(critic, x, y, mix), rel=1e-4)


@pytest.fixture
def pair() -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(9)
    return torch.randn(4, 4, 24, 18), torch.randn(4, 4, 24, 18), torch.rand(4, 1, 1, 1)


def test_the_penalty_reaches_every_weight_of_the_critic(pair: tuple[Tensor, Tensor, Tensor]) -> None:
    critic = Critic()
    losses.gradient_penalty(critic, *pair).backward()
    reached = {name for name, p in critic.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    weights = {name for name, p in critic.named_parameters() if p.ndim > 1}
    assert len(weights) == 6
    assert weights <= reached


def test_a_step_along_its_gradient_lowers_the_penalty(pair: tuple[Tensor, Tensor, Tensor]) -> None:
    critic = Critic()
    before = losses.gradient_penalty(critic, *pair)
    before.backward()
    with torch.no_grad():
        for parameter in critic.parameters():
            if parameter.grad is not None:
                parameter.sub_(1e-3 * parameter.grad / parameter.grad.norm().clamp_min(1e-9))
    assert losses.gradient_penalty(critic, *pair).item() < before.item()


def test_a_flat_critic_costs_ten_and_stays_finite(pair: tuple[Tensor, Tensor, Tensor]) -> None:
    critic = Critic()
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.zero_()
    loss = losses.gradient_penalty(critic, *pair)
    loss.backward()
    assert loss.item() == pytest.approx(10, rel=1e-4)
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in critic.parameters())


def test_a_sigmoid_at_the_end_counts_in_the_penalty(pair: tuple[Tensor, Tensor, Tensor]) -> None:
    critic = Critic("sigmoid")
    x, y, mix = pair
    between = with_velocity(mix * x + (1 - mix) * y).requires_grad_()
    (slope,) = torch.autograd.grad(torch.sigmoid(critic.layers(between)).sum(), between)
    expected = 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    assert losses.gradient_penalty(critic, *pair).item() == pytest.approx(expected.item(), rel=1e-4)
