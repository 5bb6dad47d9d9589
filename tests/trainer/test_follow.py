"""The command `follow`: what the remainder leaves of fast motion is learned, and answers the same in the product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.direct.follower import HEARD, POSE, Follower, described
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.engines.numpy_engine import NumpyEngine
from jumps_blender.core.weights import load_weights
from trainer.__main__ import main
from trainer.data.dataset import load_dataset
from trainer.follow import FOLLOWER, MASKS, Looks, Network, draw_looks, loss
from trainer.linear import load_linear, save_linear
from trainer.sampling import Augmentation, Sampler


@pytest.fixture(scope="module")
def looks(prepared: Path, prior: Path) -> Looks:
    sampler = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(0))
    return draw_looks(sampler, load_linear(prior / "linear.npz").gaussian, 20 * MASKS)


def test_looks_show_fast_motion_of_what_is_seen(looks: Looks) -> None:
    count = len(looks.poses)
    assert looks.poses.shape == (count, POSE)
    assert looks.heard.shape == (count, HEARD)
    assert looks.left.shape == (count, len(JOINTS), 2)
    np.testing.assert_array_equal(looks.poses[:, -len(JOINTS) :], 1 - looks.hidden)
    heard = looks.heard.reshape(count, 3, len(JOINTS), 2)
    assert (heard.abs().sum((1, 3)) * looks.hidden).max() == 0
    masks = looks.hidden.reshape(MASKS, -1, len(JOINTS))
    assert (masks == masks[:, :1]).all()


def test_at_first_it_adds_nothing_and_all_is_left(looks: Looks) -> None:
    assert loss(Network(16), looks).item() == pytest.approx(1)


def test_seen_joints_do_not_count(looks: Looks) -> None:
    torch.manual_seed(0)
    network = Network(16)
    torch.nn.init.normal_(network.says)
    other = replace(looks, left=looks.left + 9 * (1 - looks.hidden)[..., None])
    assert loss(network, other).item() == pytest.approx(loss(network, looks).item())


def test_less_is_left_the_longer_it_learns(looks: Looks) -> None:
    torch.manual_seed(0)
    network = Network(32)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(150):
        optimiser.zero_grad()
        loss(network, looks).backward()
        optimiser.step()
    assert loss(network, looks).item() < 0.8


def test_the_product_follows_as_torch_does(prepared: Path) -> None:
    torch.manual_seed(0)
    network = Network(16)
    torch.nn.init.normal_(network.says)
    windows = Sampler(load_dataset(prepared, "train"), Augmentation(), np.random.default_rng(0)).look(4).positions
    shown = np.broadcast_to(np.arange(len(JOINTS)) % 2 == 0, windows.shape[:-1])
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    gate = Perceptron(tuple((state[f"gate.{i}.weight"].T, state[f"gate.{i}.bias"]) for i in (0, 2)))
    follower = Follower(gate, state["hears"], state["says"])
    poses, heard, size = described(windows, shown)
    with torch.no_grad():
        said = size * network(torch.from_numpy(poses), torch.from_numpy(heard)).numpy()
    added = follower(NumpyEngine(load_weights()), windows, shown)
    np.testing.assert_allclose(added[~shown], said.reshape(windows.shape)[~shown], rtol=1e-3, atol=1e-5)


def test_training_goes_on_where_it_stopped(prepared: Path, prior: Path, tmp_path: Path) -> None:
    for name in ("linear.npz", FOLLOWER):
        (tmp_path / name).write_bytes((prior / name).read_bytes())
    words = ["--data", str(prepared), "--out", str(tmp_path), "--width", "16", "--minutes", "0.002", "--batch", "16"]
    assert main(["follow", *words, "--resume"]) == 0
    before, after = (torch.load(folder / FOLLOWER, weights_only=True) for folder in (prior, tmp_path))
    assert after["iteration"] > before["iteration"]
    assert after["minutes"] == pytest.approx(2 * before["minutes"])


def test_training_does_not_go_on_with_another_linear_part(
    prepared: Path, prior: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linear = load_linear(prior / "linear.npz")
    save_linear(tmp_path / "linear.npz", replace(linear, mean=linear.mean + 0.01))
    (tmp_path / FOLLOWER).write_bytes((prior / FOLLOWER).read_bytes())
    assert main(["follow", "--data", str(prepared), "--out", str(tmp_path), "--width", "16", "--resume"]) == 2
    assert "belongs to another linear part" in capsys.readouterr().err


def test_a_batch_smaller_than_its_masks_is_refused(
    prepared: Path, prior: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["follow", "--data", str(prepared), "--out", str(prior), "--batch", "3"]) == 2
    assert "--batch" in capsys.readouterr().err
