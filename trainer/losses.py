"""The losses of JUMPS, one small function for each equation (III-C and IV-B).

Windows are grids (batch, 4, 24, 18) in normalised units, latents (batch, 128).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jumps_blender.core.body.skeleton import GRID_LEFT, GRID_RIGHT
from jumps_blender.core.inversion.networks import Critic, velocity

W_MPJPE, W_MPJVE = 200.0, 100.0
W_BACKWARD = 2.0
W_MIX = 1.0
W_PENALTY = 10.0

_SHARE = torch.tensor([0.5 if left == right else 1.0 for left, right in zip(GRID_LEFT, GRID_RIGHT, strict=True)])
"""An axial joint stands twice in the grid and counts once."""


def mean_joint_norm(difference: Tensor) -> Tensor:
    """Mean over windows, frames and the 28 joints of the Euclidean norm of a grid of differences."""
    squares = difference.float().square()
    # The root has no gradient at 0; 1e-12 is the square of a millionth of a normalised unit.
    left = (squares[:, 0] + squares[:, 1] + 1e-12).sqrt()
    right = (squares[:, 2] + squares[:, 3] + 1e-12).sqrt()
    return ((left + right) * _SHARE.to(left)).sum(-1).mean() / (2 * _SHARE.sum())


def mpjpe(window: Tensor, other: Tensor) -> Tensor:
    """Mean per joint position error."""
    return mean_joint_norm(window - other)


def mpjve(window: Tensor, other: Tensor) -> Tensor:
    """Mean per joint velocity error."""
    return mean_joint_norm(velocity(window) - velocity(other))


def reconstruction(window: Tensor, rebuilt: Tensor, velocity_weight: float = W_MPJVE) -> Tensor:
    """L_Rec = 200 MPJPE(x, G(E(x))) + 100 MPJVE(x, G(E(x)))."""
    error = W_MPJPE * mpjpe(window, rebuilt)
    return error + velocity_weight * mpjve(window, rebuilt) if velocity_weight else error


def backward(latent: Tensor, encoded: Tensor, weight: float = W_BACKWARD) -> Tensor:
    """L_backward = 2 MSE(z, E(G(z)))."""
    return weight * nn.functional.mse_loss(encoded.float(), latent)


def adversarial(score: Tensor) -> Tensor:
    """L_G = -D(G(z)), and L_Mix = -D(G(E(x))) of the rebuilt windows."""
    return -score.float().mean()


def critic_loss(real: Tensor, generated: Tensor) -> Tensor:
    """L_D without its penalty: D(G(z)) - D(x)."""
    return generated.float().mean() - real.float().mean()


def gradient_penalty(critic: Critic, real: Tensor, generated: Tensor, mix: Tensor) -> Tensor:
    """10 (||grad D(x~)|| - 1)^2, x~ on straight lines between real and generated windows.

    The norm is over all input channels of the critic, positions and velocities, of each sample; batch norm couples the
    samples, and the gradient is taken with respect to the interpolated batch as printed.

    Args:
        critic: D.
        real: (B, 4, 24, 18).
        generated: (B, 4, 24, 18).
        mix: (B, 1, 1, 1), uniform in 0..1.

    """
    between = critic.seen(mix * real + (1 - mix) * generated).detach().requires_grad_()
    score = critic.squash(critic.layers(between))
    (gradient,) = torch.autograd.grad(score.sum(), between, create_graph=True)
    # A root at 0 has no gradient: a critic that has gone flat would turn all weights into NaN.
    norm = (gradient.flatten(1).square().sum(1) + 1e-12).sqrt()
    return W_PENALTY * (norm - 1).square().mean()
