"""One iteration does what the paper says, and a run can stop and go on anywhere."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS, to_grid
from jumps_blender.core.direct.gaussian import Gaussian
from tests.full_disk import limited_files
from trainer import losses
from trainer.data.dataset import load_dataset
from trainer.loop import Trainer, fill_outside
from trainer.sampling import Sampler
from trainer.schedule import SCHEDULES
from trainer.steps import Models, critic_step, generator_step

TINY = replace(SCHEDULES["small"], batch=8, critic_every=2)
MakeTrainer = Callable[..., Trainer]


@pytest.fixture
def make_trainer(prepared: Path) -> MakeTrainer:
    """A function of a seed and fields of the schedule: a trainer on the small data set, batches of 8."""
    clips = load_dataset(prepared, "train")
    poses = Sampler(clips, TINY.augmentation, np.random.default_rng(9)).draw(50)[0].reshape(-1, 56).astype(np.float64)
    pose = Gaussian.fit(poses.mean(0), np.cov(poses.T), 20)

    def build(seed: int = 0, **fields: Any) -> Trainer:
        torch.manual_seed(seed)
        schedule = replace(TINY, **fields)
        sampler = Sampler(clips, schedule.augmentation, np.random.default_rng(seed))
        return Trainer(schedule, sampler, pose, torch.device("cpu"))

    return build


def weights(*modules: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for module in modules for parameter in module.parameters()]


def moved(before: list[Tensor], *modules: nn.Module) -> bool:
    return any(not torch.equal(old, new) for old, new in zip(before, weights(*modules), strict=True))


def batch(trainer: Trainer, n: int = 8) -> tuple[Tensor, Tensor]:
    positions, _ = trainer.sampler.draw(n)
    window = torch.from_numpy(to_grid(positions)).permute(0, 3, 1, 2).contiguous()
    return window, torch.randn(n, 128)


def test_the_critic_steps_alone(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    models = trainer.models
    others, critic = weights(models.encoder, models.generator), weights(models.critic)
    critic_step(models, *batch(trainer), torch.rand(8, 1, 1, 1))
    assert moved(critic, models.critic)
    assert not moved(others, models.encoder, models.generator)


def test_the_generator_steps_without_the_critic(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    models = trainer.models
    encoder, generator, critic = (weights(m) for m in (models.encoder, models.generator, models.critic))
    window, latent = batch(trainer)
    generator_step(models, window, window, latent, adversarial=True)
    assert moved(encoder, models.encoder)
    assert moved(generator, models.generator)
    assert not moved(critic, models.critic)
    assert all(parameter.grad is None for parameter in models.critic.parameters())
    assert all(parameter.requires_grad for parameter in models.critic.parameters())


def test_each_network_follows_its_own_losses(make_trainer: MakeTrainer) -> None:
    """G minimises L_G + L_AE + L_Mix, E only L_AE + L_Mix: two backward passes against the one of the step."""
    trainer = make_trainer()
    models: Models = trainer.models
    window, latent = batch(trainer)
    assert models.encoder is not None
    encoder, generator, critic = (
        copy.deepcopy(models.encoder),
        copy.deepcopy(models.generator),
        copy.deepcopy(models.critic),
    )
    rebuilt, generated = generator(encoder(window)), generator(latent)
    shared = (
        200 * losses.mpjpe(window, rebuilt)
        + 100 * losses.mpjve(window, rebuilt)
        + 2 * (latent - encoder(generated)).square().mean()
    )
    adversarial = -critic(generated).mean()
    shared = shared - critic(rebuilt).mean()
    of_encoder = torch.autograd.grad(shared, list(encoder.parameters()), retain_graph=True)
    of_generator = torch.autograd.grad(shared + adversarial, list(generator.parameters()))
    generator_step(models, window, window, latent, adversarial=True)
    for expected, network in ((of_encoder, models.encoder), (of_generator, models.generator)):
        for gradient, parameter in zip(expected, network.parameters(), strict=True):
            assert parameter.grad is not None
            torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-4)


def test_the_critic_learns_every_so_often(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer(critic_every=2)
    told = [set(trainer.step(0.0)) for _ in range(3)]
    assert told[0] == told[2] == {"critic", "penalty", "reconstruction", "backward", "generator", "mix"}
    assert told[1] == {"reconstruction", "backward"}


def test_the_published_schedule_is_the_papers() -> None:
    paper = SCHEDULES["paper"]
    assert (paper.batch, paper.rate, paper.critic_rate, paper.critic_every) == (256, 1e-4, 1e-4, 1)
    assert (paper.final_rate, paper.filled) == (1.0, 0.0)
    group = Models(paper, torch.device("cpu")).optimiser.param_groups[0]
    assert (group["betas"], group["eps"]) == ((0.5, 0.999), 1e-8)


def state(trainer: Trainer) -> dict[str, Tensor]:
    parts = trainer.models.parts()
    networks = {f"{name}.{key}": value for name, part in parts.items() if isinstance(part, nn.Module)
                for key, value in part.state_dict().items()}  # fmt: skip
    moments = {
        f"{name}.{index}.{key}": value
        for name in ("optimiser", "critic_optimiser")
        for index, entry in parts[name].state_dict()["state"].items()
        for key, value in entry.items()
    }
    return networks | moments


def test_a_resumed_run_equals_an_uninterrupted_one(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    whole = make_trainer()
    steps = [values for values, _ in zip(whole.run(None, 4), range(4), strict=True)]

    first = make_trainer()
    for _ in zip(range(2), first.run(None, 4), strict=False):
        pass
    first.save(tmp_path / "last.pt")
    second = make_trainer(seed=99)
    second.load(tmp_path / "last.pt")
    rest = list(second.run(None, 4))

    assert second.iteration == 4
    assert rest == steps[2:]
    expected, found = state(whole), state(second)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name


def test_a_full_disk_leaves_the_checkpoint_before(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    trainer = make_trainer()
    trainer.step(0.0)
    path = tmp_path / "last.pt"
    trainer.save(path)
    kept = path.read_bytes()
    trainer.step(0.0)

    with limited_files(len(kept) // 2), pytest.raises(OSError, match="File too large"):
        trainer.save(path)
    assert path.read_bytes() == kept
    again = make_trainer(seed=5)
    again.load(path)
    assert again.iteration == 1
    trainer.save(path)
    again.load(path)
    assert again.iteration == 2
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


def test_a_kill_while_saving_leaves_the_checkpoint_before(
    make_trainer: MakeTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make_trainer()
    path = tmp_path / "last.pt"
    trainer.save(path)
    trainer.step(0.0)

    def killed(_file: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            trainer.save(path)
    again = make_trainer(seed=5)
    again.load(path)
    assert again.iteration == 0
    trainer.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]


def test_what_is_shipped_has_statistics_of_its_own(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    """Those of E's latents for G, whatever latents it was trained on; asking for them changes no randomness."""
    trainer = make_trainer()
    trainer.step(0.0)
    before = (torch.get_rng_state(), trainer.sampler.rng.bit_generator.state)
    shipped = trainer.shipped()
    assert not any(network.training for network in shipped.values())
    first = next(m for m in shipped["generator"].modules() if isinstance(m, nn.BatchNorm2d))
    seen: list[Tensor] = []
    handle = first.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    positions = fill_outside(trainer.pose, trainer._settling(), np.isin(JOINTS, LIMB_JOINTS))
    with torch.no_grad():
        shipped["generator"](shipped["encoder"](trainer._grid(positions)))
    handle.remove()
    torch.testing.assert_close(first.running_mean, seen[0].mean((0, 2, 3)), rtol=1e-2, atol=1e-3)
    trainer.save(tmp_path / "last.pt")
    kept = torch.load(tmp_path / "last.pt", weights_only=True)["statistics"]["generator"]
    assert torch.equal(kept["layers.1.running_mean"], first.running_mean)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert trainer.sampler.rng.bit_generator.state == before[1]


def test_the_average_moves_towards_the_weights(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    models = trainer.models
    name, weight = next(iter(models.generator.named_parameters()))
    before = models.averages["generator"].state_dict()[name].clone()
    with torch.no_grad():
        weight.add_(1.0)
    models.average(0.9)
    after = models.averages["generator"].state_dict()[name]
    torch.testing.assert_close(after, before + 0.1, rtol=1e-5, atol=1e-6)
    assert int(models.averages["generator"].state_dict()["layers.1.num_batches_tracked"]) == 0


def test_every_iteration_averages(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer(average=0.5)
    averages = trainer.models.averages["encoder"]
    before = [value.clone() for value in averages.state_dict().values()]
    for _ in range(2):
        trainer.step(0.0)
    latest = trainer.models.trained()["encoder"].state_dict().values()
    for old, average, now in zip(before, averages.state_dict().values(), latest, strict=True):
        if average.is_floating_point():
            assert not torch.equal(average, old)
            assert not torch.equal(average, now)


@pytest.mark.parametrize(("share", "left"), [(0.0, 1.0), (0.5, 0.51), (1.0, 0.02), (1.7, 0.02)])
def test_the_rate_falls_along_a_cosine(make_trainer: MakeTrainer, share: float, left: float) -> None:
    trainer = make_trainer(rate=1e-3, critic_rate=1e-4, final_rate=0.02)
    trainer.step(share)
    models = trainer.models
    assert models.optimiser.param_groups[0]["lr"] == pytest.approx(1e-3 * left)
    assert models.critic_optimiser.param_groups[0]["lr"] == pytest.approx(1e-4 * left)


def test_a_budget_of_minutes_ends_the_run(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    assert len(list(trainer.run(1e-6, None))) == 1
    assert trainer.seconds > 0
    assert list(trainer.run(1e-6, 5)) == []


def test_part_of_the_encoders_input_is_filled_in(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer(filled=0.5, noise=0.0)
    positions, _ = trainer.sampler.draw(8)
    seen = trainer._seen(positions)
    same = np.isclose(seen, positions).all((1, 3))  # (8, 28): untouched through the whole window
    assert same[4:].all()
    assert not same[:4].all(1).any()
    assert same[:4].any(1).all()


def test_filling_keeps_what_is_observed(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    positions, _ = trainer.sampler.draw(4)
    mask = np.isin(np.arange(28), [INDEX[name] for name in LIMB_JOINTS])
    hidden = np.where(mask[:, None], positions, 7.0)
    filled = fill_outside(trainer.pose, hidden, mask)
    np.testing.assert_array_equal(filled[:, :, mask], positions[:, :, mask])
    error = np.linalg.norm(filled - positions, axis=-1)[:, :, ~mask].mean() / HEAD
    assert error < 0.5  # a linear map knows where a walker's trunk is to half a head


def test_validation_is_the_mean_error_in_heads(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer()
    positions, _ = trainer.sampler.draw(6)

    class Shifted(nn.Module):
        def forward(self, latent: Tensor) -> Tensor:
            shifted = torch.from_numpy(to_grid(positions + HEAD * np.array([0.3, 0.4])))
            return shifted.permute(0, 3, 1, 2)

    trainer.models.averages["generator"] = Shifted()
    assert trainer.validate(positions, np.ones(28, bool)) == pytest.approx(0.5, rel=1e-4)


def test_training_lowers_the_error(make_trainer: MakeTrainer) -> None:
    trainer = make_trainer(filled=0.0)
    window, latent = batch(trainer)
    first, *_, last = (
        generator_step(trainer.models, window, window, latent, adversarial=False)["reconstruction"] for _ in range(12)
    )
    assert last < 0.7 * first
