"""Two processes that train together do what one does with the whole batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from jumps_blender.errors import InputError
from tests.trainer.one_iteration import Batch, gradients, part
from trainer.__main__ import main
from trainer.processes import World, choose_device, choose_precision

ROOT = Path(__file__).parents[2]


def torchrun(*words: str) -> None:
    """Run in two processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def batch() -> Batch:
    torch.manual_seed(1)
    return torch.randn(8, 4, 24, 18) * 0.3, torch.randn(8, 128), torch.rand(8, 1, 1, 1)


@pytest.fixture(scope="module")
def in_two(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, dict[str, Tensor]]:
    """Gradients of two processes that share the batch, by whether batch norm was training."""
    folder = tmp_path_factory.mktemp("two")
    torch.save(batch, folder / "batch.pt")
    torchrun("tests/trainer/one_iteration.py", str(folder))
    return torch.load(folder / "gradients.pt")


def assert_equal(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        scale = float(gradient.abs().max()) + 1e-6
        torch.testing.assert_close(found[name] / scale, gradient / scale, rtol=0, atol=1e-3, msg=name)


def test_two_processes_follow_the_gradient_of_the_whole_batch(
    batch: Batch, in_two: dict[bool, dict[str, Tensor]]
) -> None:
    """With batch norm at rest, which otherwise sees each process's part by itself."""
    assert_equal(in_two[False], gradients(batch, World(), training=False))


def test_the_critics_gradient_is_the_mean_over_the_parts(batch: Batch, in_two: dict[bool, dict[str, Tensor]]) -> None:
    """While batch norm trains, each part is normed by itself; E and G then face a critic that has moved already."""
    halves = [gradients(part(batch, rank, 2), World(), training=True) for rank in (0, 1)]
    expected = {name: (halves[0][name] + halves[1][name]) / 2 for name in halves[0] if name.startswith("critic.")}
    assert_equal({name: in_two[True][name] for name in expected}, expected)


def test_the_command_trains_in_two_processes(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--data", str(prepared), "--out", str(tmp_path / "run"), "--windows", "1000", "--batch", "8"]
    torchrun("-m", "trainer", *words, "--steps", "2", "--device", "cpu")
    state = torch.load(tmp_path / "run" / "last.pt", weights_only=True)
    assert state["iteration"] == 2
    assert len(set(state["numpy_rng"])) == 2  # each process drew its own windows
    (line,) = (tmp_path / "run" / "stats.jsonl").read_text().splitlines()
    assert json.loads(line)["iteration"] == 2
    assert main([*words, "--steps", "3", "--resume"]) == 2
    assert "was written by 2 processes, these are 1" in capsys.readouterr().err


def test_a_batch_must_be_divisible() -> None:
    with pytest.raises(InputError, match="9 windows cannot be divided among 2"):
        World(0, 2).part(9)


def test_one_process_is_a_world_of_its_own() -> None:
    world = World.join("cpu")
    assert (world.size, world.leads, world.gather(3), world.part(9)) == (1, True, [3], 9)


@pytest.mark.skipif(torch.cuda.is_available(), reason="about machines without a GPU")
def test_the_device_is_chosen_and_an_impossible_one_refused(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    device = choose_device("auto", World())
    assert choose_precision("auto", device) is None
    assert main(["train", "--data", str(prepared), "--out", str(tmp_path / "run"), "--device", "cuda"]) == 2
    assert "cannot train on 'cuda'" in capsys.readouterr().err
