"""The losses of an iteration against numpy, what a row can be trained without, and the order of the two updates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from jumps_blender.core.body.skeleton import from_grid, to_grid
from trainer.schedule import PUBLISHED_ITERATIONS, SCHEDULES, SWITCHES, without
from trainer.steps import Models, critic_step, generator_step

ADAM = {"rate": 1e-4, "b1": 0.5, "b2": 0.999, "eps": 1e-8}
ALL = {"reconstruction", "backward", "generator", "mix"}


def models_of(*left_out: str) -> Models:
    torch.manual_seed(3)
    return Models(replace(SCHEDULES["paper"], batch=4, **without(left_out)), torch.device("cpu"))


@pytest.fixture(scope="module")
def batch() -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(4)
    return torch.randn(4, 4, 24, 18) * 0.3, torch.randn(4, 128), torch.rand(4, 1, 1, 1)


def joints(grid: Tensor) -> np.ndarray:
    return from_grid(grid.detach().permute(0, 2, 3, 1).double().numpy())


def symmetric(window: Tensor) -> Tensor:
    """A window in whose grid both copies of an axial joint agree, as in every real one."""
    return torch.from_numpy(to_grid(joints(window))).permute(0, 3, 1, 2).float()


def test_every_term_of_e_and_g_is_the_papers(batch: tuple[Tensor, Tensor, Tensor]) -> None:
    window, latent = symmetric(batch[0]), batch[1]
    models = models_of()
    assert models.encoder is not None
    with torch.no_grad():
        rebuilt, generated = models.generator(models.encoder(window)), models.generator(latent)
        again, scores = models.encoder(generated), [models.critic(each).numpy() for each in (generated, rebuilt)]
    found = generator_step(models, window, window, latent, adversarial=True)
    assert found["backward"] == pytest.approx(2 * np.mean((latent.numpy() - again.numpy()) ** 2), rel=1e-4)
    assert found["generator"] == pytest.approx(-np.mean(scores[0]), rel=1e-3, abs=1e-5)
    assert found["mix"] == pytest.approx(-np.mean(scores[1]), rel=1e-3, abs=1e-5)
    x, y = window.permute(0, 2, 3, 1).double().numpy(), rebuilt.permute(0, 2, 3, 1).double().numpy()
    expected = 200 * grid_distance(x, y) + 100 * grid_distance(speeds(x), speeds(y))
    assert found["reconstruction"] == pytest.approx(expected, rel=1e-4)


def grid_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Mean over 28 joints, where an axial joint's error is the mean of its two copies': (batch, 24, 18, 4)."""
    difference = x - y
    left, right = (np.sqrt((difference[..., half] ** 2).sum(-1)) for half in (slice(0, 2), slice(2, 4)))
    axial = np.array([np.array_equal(a, b) for a, b in zip(*copies(), strict=True)])
    return float(((left + right) * np.where(axial, 0.5, 1.0)).sum(-1).mean() / 28)


def copies() -> tuple[np.ndarray, np.ndarray]:
    """Of each grid entry, which joint stands in its left and right half."""
    names = to_grid(np.repeat(np.arange(28.0)[:, None], 2, 1))
    return names[:, 0], names[:, 2]


def speeds(x: np.ndarray) -> np.ndarray:
    out = np.zeros_like(x)
    out[:, 1:] = x[:, 1:] - x[:, :-1]
    return out


def test_the_critics_terms_are_the_papers(batch: tuple[Tensor, Tensor, Tensor]) -> None:
    window, latent, mix = batch
    models = models_of()
    with torch.no_grad():
        generated = models.generator(latent)
        real, fake = (models.critic(each).numpy() for each in (window, generated))
    between = mix * window + (1 - mix) * generated
    stacked = torch.from_numpy(np.concatenate([between.numpy(), speeds_of_grid(between.numpy())], 1)).requires_grad_()
    (slope,) = torch.autograd.grad(models.critic.layers(stacked).sum(), stacked)
    norms = np.sqrt((slope.numpy().reshape(4, -1) ** 2).sum(1))
    found = critic_step(models, window, latent, mix)
    assert found["critic"] == pytest.approx(fake.mean() - real.mean(), rel=1e-3, abs=1e-5)
    assert found["penalty"] == pytest.approx(10 * np.mean((norms - 1) ** 2), rel=1e-3)


def speeds_of_grid(grid: np.ndarray) -> np.ndarray:
    out = np.zeros_like(grid)
    out[:, :, 1:] = grid[:, :, 1:] - grid[:, :, :-1]
    return out


@pytest.mark.parametrize(
    ("left_out", "terms"),
    [
        ("encoder", {"generator"}),
        ("backward", ALL - {"backward"}),
        ("mix", ALL - {"mix"}),
        ("velocity", ALL),
        ("critic-velocity", ALL),
    ],
)
def test_a_row_lacks_what_it_is_trained_without(
    left_out: str, terms: set[str], batch: tuple[Tensor, Tensor, Tensor]
) -> None:
    window, latent, mix = batch
    models = models_of(left_out)
    assert ("encoder" in models.parts()) == (left_out != "encoder")
    assert critic_step(models, window, latent, mix).keys() == {"critic", "penalty"}
    assert generator_step(models, window, window, latent, adversarial=True).keys() == terms
    assert next(models.critic.layers.parameters()).shape[1] == (4 if left_out == "critic-velocity" else 8)


def test_without_the_velocity_term_positions_alone_count(batch: tuple[Tensor, Tensor, Tensor]) -> None:
    window, latent, _ = batch
    full, bare = (generator_step(models_of(*names), window, window, latent, True) for names in ((), ("velocity",)))
    with torch.no_grad():
        models = models_of()
        assert models.encoder is not None
        rebuilt = models.generator(models.encoder(window))
    x, y = window.permute(0, 2, 3, 1).double().numpy(), rebuilt.permute(0, 2, 3, 1).double().numpy()
    assert bare["reconstruction"] == pytest.approx(200 * grid_distance(x, y), rel=1e-4)
    assert full["reconstruction"] > bare["reconstruction"]


def test_the_critic_steps_first_and_the_generator_faces_the_new_one(batch: tuple[Tensor, Tensor, Tensor]) -> None:
    """Both updates are Adam's first step by hand: rate * gradient / (|gradient| + eps)."""
    window, latent, mix = batch
    models = models_of()
    before = [p.detach().clone() for p in models.critic.parameters()]
    critic_step(models, window, latent, mix)
    for old, p in zip(before, models.critic.parameters(), strict=True):
        assert p.grad is not None
        assert_adam(old, p, p.grad)
    with torch.no_grad():
        expected = -models.critic(models.generator(latent)).mean()
    weights = [p.detach().clone() for p in models.generator.parameters()]
    found = generator_step(models, window, window, latent, adversarial=True)
    assert found["generator"] == pytest.approx(float(expected), rel=1e-3, abs=1e-5)
    for old, p in zip(weights, models.generator.parameters(), strict=True):
        assert p.grad is not None
        assert_adam(old, p, p.grad)


def assert_adam(old: Tensor, new: Tensor, gradient: Tensor) -> None:
    g = gradient.double().numpy()
    first, second = (1 - ADAM["b1"]) * g, (1 - ADAM["b2"]) * g**2
    step = (first / (1 - ADAM["b1"])) / (np.sqrt(second / (1 - ADAM["b2"])) + ADAM["eps"])
    np.testing.assert_allclose(new.detach().numpy(), old.double().numpy() - ADAM["rate"] * step, atol=2e-7)


def test_the_published_schedule_is_sixty_epochs() -> None:
    paper = SCHEDULES["paper"]
    assert PUBLISHED_ITERATIONS == 60 * 835_000 // 256
    assert paper.share(PUBLISHED_ITERATIONS) == pytest.approx(1, abs=1e-5)
    assert (paper.velocity_weight, paper.backward_weight, paper.mix_weight, paper.critic_channels) == (100, 2, 1, 8)
    assert set(SWITCHES) == {"encoder", "velocity", "backward", "mix", "critic-velocity"}
