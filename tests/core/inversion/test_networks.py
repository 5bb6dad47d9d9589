"""Encoder, generator and critic against the printed sizes and counts (JUMPS, Fig. 4 and IV-B)."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from jumps_blender.core.inversion.networks import (
    PARAMETERS,
    Critic,
    Encoder,
    Generator,
    velocity,
    with_velocity,
)

FIG_4 = [(24, 18), (12, 9), (6, 5), (3, 3), (1, 1)]


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _sizes(network: nn.Module, kind: type[nn.Module], given: torch.Tensor) -> list[tuple[int, ...]]:
    """Time and joint extent of the output of every layer of a kind, in order."""
    seen: list[tuple[int, ...]] = []
    for layer in network.modules():
        if isinstance(layer, kind):
            layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(tuple(output.shape[-2:])))
    network.eval()(given)
    return seen


@pytest.mark.parametrize(("network", "count"), [(Encoder, 1_148_096), (Generator, 1_148_480), (Critic, 1_115_393)])
def test_the_printed_parameter_counts(network, count):
    assert _parameters(network()) == count
    assert PARAMETERS[network.__name__.lower()] == count


def test_the_critic_as_drawn_has_four_norms_like_the_encoder():
    critic = Critic(norm="figure")
    assert _parameters(critic) == 1_115_585
    kinds = [[type(layer) for layer in network.layers[:-1]] for network in (critic, Encoder())]
    assert kinds[0] == kinds[1]


def test_no_convolution_has_a_bias():
    for network in (Encoder(), Generator(), Critic()):
        convolutions = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
        assert len(convolutions) == (6 if isinstance(network, Generator) else 5)
        assert all(layer.bias is None for layer in convolutions)


@pytest.mark.parametrize("network", [Encoder, Critic])
def test_windows_shrink_as_drawn(network):
    assert _sizes(network(), nn.Conv2d, torch.zeros(2, 4, 24, 18)) == FIG_4


def test_latents_grow_as_drawn():
    assert _sizes(Generator(), nn.ConvTranspose2d, torch.zeros(2, 128)) == [(1, 1), *FIG_4[-2::-1], (24, 18)]


def test_a_latent_becomes_a_window_within_the_unit_square_and_back():
    window = Generator().eval()(4 * torch.randn(3, 128))
    assert window.shape == (3, 4, 24, 18)
    assert window.abs().max() <= 1
    assert Encoder().eval()(window).shape == (3, 128)


def test_the_critic_may_be_bounded():
    windows = 10 * torch.randn(16, 4, 24, 18)
    score = Critic(output="sigmoid")(windows)
    assert score.shape == (16, 1)
    assert ((score > 0) & (score < 1)).all()


def test_velocity_is_the_difference_to_the_previous_frame():
    window = torch.randn(2, 4, 24, 18)
    speed = velocity(window)
    assert (speed[:, :, 0] == 0).all()
    torch.testing.assert_close(speed[:, :, 5], window[:, :, 5] - window[:, :, 4])
    assert torch.equal(with_velocity(window), torch.cat([window, speed], dim=1))


def test_the_critic_sees_motion():
    torch.manual_seed(0)
    critic = Critic().eval()
    window = torch.randn(1, 4, 1, 18).repeat(1, 1, 24, 1)
    moving = window.clone()
    moving[:, :, 12:] += 0.5
    assert not torch.allclose(critic(window), critic(moving))
