"""The command `export`: files that the product reads, equal to the checkpoint, with a card that tells the truth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from jumps_blender.core import Upsampler
from jumps_blender.core.body.skeleton import JOINTS, from_grid, to_grid
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.direct.refiner import REGIMES
from jumps_blender.core.engines.torch_engine import open_engine
from jumps_blender.core.inversion.networks import Critic, Encoder, Generator
from jumps_blender.core.weights import Weights, load_weights
from trainer.__main__ import main
from trainer.data.dataset import load_dataset
from trainer.evaluation.scores import MEAN, MEASURES, SURE, Score, plain
from trainer.fingerprint import fingerprint
from trainer.linear import load_linear, save_linear
from trainer.poses import load_poses
from trainer.sampling import PAPER, Sampler

FILES = ["MODEL_CARD.md", "default.safetensors", "paper.safetensors"]


@dataclass(frozen=True)
class Made:
    """Folders of what is exported: data set, run of `train`, prior."""

    data: Path
    run: Path
    prior: Path


def export(made: Made, out: Path, *more: str) -> int:
    folders = {"--data": made.data, "--from": made.run, "--prior": made.prior, "--out": out}
    return main(["export", *(str(word) for pair in folders.items() for word in pair), *more])


@pytest.fixture(scope="module")
def made(prepared: Path, trained: Path, prior: Path) -> Made:
    return Made(prepared, trained, prior)


@pytest.fixture(scope="module")
def exported(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    assert export(made, folder) == 0
    return folder


@pytest.fixture(scope="module")
def weights(exported: Path) -> Weights:
    return load_weights(exported)


@pytest.fixture(scope="module")
def checkpoint(trained: Path) -> dict[str, dict[str, torch.Tensor]]:
    return torch.load(trained / "best.pt", weights_only=True)


def test_two_files_and_a_card_appear(exported: Path) -> None:
    assert sorted(path.name for path in exported.iterdir()) == FILES
    assert sum(path.stat().st_size for path in exported.iterdir()) < 14e6


def test_any_reader_of_safetensors_reads_them(exported: Path, weights: Weights) -> None:
    with safe_open(exported / "paper.safetensors", "numpy") as stored:
        names = {name for name in stored.keys() if not name.startswith("pose.")}  # noqa: SIM118  no mapping
        assert names == {name for name in weights.networks if not name.startswith("pose.")}
        assert stored.metadata()["iterations"] == "2"
        assert json.loads(stored.metadata()["schedule"])["batch"] == 128


def test_generator_and_encoder_are_the_checkpoints_averages(
    weights: Weights, checkpoint: dict[str, dict[str, torch.Tensor]], prepared: Path
) -> None:
    generator, encoder = Generator().eval(), Encoder().eval()
    generator.load_state_dict(checkpoint["average_generator"])
    encoder.load_state_dict(checkpoint["average_encoder"])
    for name, network in (("generator", generator), ("encoder", encoder)):
        network.load_state_dict(checkpoint["statistics"][name], strict=False)
    engine = open_engine("cpu", weights)
    latents = np.random.default_rng(0).normal(size=(4, 128)).astype(np.float32)
    windows, _ = Sampler(load_dataset(prepared, "train"), PAPER, np.random.default_rng(0)).draw(4)
    with torch.no_grad():
        generated = from_grid(generator(torch.from_numpy(latents)).permute(0, 2, 3, 1).numpy())
        encoded = encoder(torch.from_numpy(to_grid(windows)).permute(0, 3, 1, 2)).numpy()
    positions = engine.fetch(engine.evaluate(engine.send(latents), critic=False).positions)
    np.testing.assert_allclose(positions, generated, atol=0.015)
    np.testing.assert_allclose(engine.encode(windows), encoded, atol=0.03)


def test_the_linear_part_is_what_was_fitted(weights: Weights, trained: Path, prior: Path) -> None:
    pose, linear = load_poses(trained / "gaussians.npz"), load_linear(prior / "linear.npz")
    for found, fitted in ((weights.pose, pose), (weights.window, linear.gaussian)):
        for key, value in vars(fitted).items():
            if value is None:
                assert getattr(found, key) is None
            else:
                np.testing.assert_allclose(getattr(found, key), value, rtol=1e-6)
    np.testing.assert_allclose(weights.refiner.depth_mean, linear.depth_mean, rtol=1e-6)
    np.testing.assert_array_equal(weights.refiner.depth_basis, linear.depth_basis)


@pytest.mark.parametrize(
    ("file", "network"),
    [
        ("screen.pt", lambda weights: weights.screen),
        ("noise_judge.pt", lambda weights: weights.noise_judge),
    ],
)
def test_small_networks_are_what_was_trained(
    weights: Weights, prior: Path, file: str, network: Callable[[Weights], Perceptron]
) -> None:
    model = torch.load(prior / file, weights_only=True)["model"]
    for (matrix, bias), index in zip(network(weights).layers, (0, 2, 4), strict=True):
        np.testing.assert_allclose(matrix, model[f"{index}.weight"].numpy().T, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(bias, model[f"{index}.bias"].numpy(), rtol=1e-3, atol=1e-5)


def test_the_follower_is_what_was_trained(weights: Weights, prior: Path) -> None:
    model = torch.load(prior / "follower.pt", weights_only=True)["model"]
    for found, name in ((weights.follower.hears, "hears"), (weights.follower.says, "says")):
        np.testing.assert_allclose(found, model[name].numpy(), rtol=1e-3, atol=1e-5)
    for (matrix, bias), index in zip(weights.follower.gate.layers, (0, 2), strict=True):
        np.testing.assert_allclose(matrix, model[f"gate.{index}.weight"].numpy().T, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(bias, model[f"gate.{index}.bias"].numpy(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", REGIMES)
def test_the_refiners_networks_are_what_was_trained_to_half_a_step(weights: Weights, prior: Path, name: str) -> None:
    model = torch.load(prior / f"refiner_{name}.pt", weights_only=True)["model"]
    network: Perceptron = getattr(weights.refiner, name)
    for (matrix, bias), index in zip(network.layers, (0, 2, 4), strict=True):
        trained = model[f"{index}.weight"].numpy().T
        step = np.maximum(np.abs(trained).max(0, keepdims=True), np.abs(trained).max(1, keepdims=True)) / 127
        assert (np.abs(matrix - trained) <= 0.51 * step + 1e-9).all()
        np.testing.assert_allclose(bias, model[f"{index}.bias"].numpy(), rtol=1e-3, atol=1e-5)


def test_the_critics_scores_on_real_windows_are_noted(weights: Weights, prepared: Path) -> None:
    windows, _ = Sampler(load_dataset(prepared, "train"), PAPER, np.random.default_rng(1)).draw(64)
    critic = Critic().eval()
    critic.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in weights.network("critic").items()})
    with torch.no_grad():
        scores = critic(torch.from_numpy(to_grid(windows)).permute(0, 3, 1, 2)).numpy()
    assert weights.critic_spread > 0
    assert abs(scores.mean() - weights.critic_mean) < 3 * weights.critic_spread


@pytest.mark.parametrize("settings", ["draft", "default"])
def test_the_product_runs_on_them(exported: Path, prepared: Path, settings: str) -> None:
    truth = load_dataset(prepared, "test")[0].positions[:, :, [0, 2]] * [200.0, -200.0] + 500.0
    result = Upsampler.load(weights=exported).upsample(truth[:40], list(JOINTS), settings=settings)
    assert result.positions.shape == (40, 28, 2)
    assert np.abs(result.positions - truth[:40]).mean() < 10


def test_the_same_checkpoint_gives_the_same_bytes(exported: Path, made: Made, tmp_path: Path) -> None:
    assert export(made, tmp_path) == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes()


def test_the_card_tells_data_effort_and_commands(exported: Path, checkpoint: dict[str, float]) -> None:
    card = (exported / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "$" not in card
    assert "CC0-1.0" in card
    assert "| cmu_amc | CMU-mocap | 2 | 2 | 0.1 / 57 | 0.1 / 57 | - |" in card
    assert "obtained from mocap.cs.cmu.edu" in card
    assert "Vakanski" in card
    assert "AnimatedDrawings" not in card  # no clip of theirs is in this data set
    assert card.index("Not trained on, only measured with") < card.index("Technical Report CG-2007-2")
    assert "Licence: CC-BY-SA-3.0." in card
    assert "| iterations | 2 | " in card
    assert f"| share of the published training windows | {2 * 128 / (60 * 835_000):.2%} |" in card
    options = "--preset small --seed 0 --critic-output linear --critic-norm count --iterations 2 --precision auto"
    assert f"python -m trainer train {options}\n" in card
    for command in ("refine --regimes calm", "refine --regimes noisy", "follow", "screen"):
        assert f"python -m trainer {command} --minutes 0 --width 16\n" in card
    assert "rank 288; perceptrons: the refiner's two 962 - 16 - 16 - 636, the follower's gate 84 - 16 - 16, " in card
    assert "the screen 1260 - 16 - 16 - 30" in card
    assert "Not measured yet" in card


@pytest.fixture
def results(exported: Path, tmp_path: Path) -> Path:
    """What `evaluate` writes, for one source and two methods."""
    rows = [
        Score(
            method, "clean", source, "missing", share, **dict.fromkeys(MEASURES[1:], 0.5),
            ci=dict.fromkeys(SURE, (share - 0.01, share + 0.03)),
        )
        for method, share in (("JUMPS, default", 0.4321), ("window ridge", 0.1234))
        for source in ("hdm05", MEAN)
    ]  # fmt: skip
    path = tmp_path / "results.json"
    text = {
        "options": {"split": "test", "windows": "40"},
        "weights": fingerprint(exported),
        "frames": {"hdm05": 2320},
        "rows": [plain(row) for row in rows],
    }
    path.write_text(json.dumps(text))
    return path


def test_the_card_shows_what_was_measured(made: Made, results: Path, tmp_path: Path) -> None:
    assert export(made, tmp_path / "out", "--results", str(results)) == 0
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Frames: hdm05 2,320." in card
    assert "| JUMPS, default | 0.432 ±0.020 | 0.500 |" in card
    assert "| window ridge | 0.123 / 0.500 | 0.123 / 0.500 |" in card
    assert "other data, not comparable" in card
    assert "evaluate --split test --windows 40\n" in card


def test_what_evaluate_measured_goes_into_the_card(made: Made, exported: Path, tmp_path: Path) -> None:
    words = ["--data", str(made.data), "--out", str(tmp_path), "--windows", "2", "--fits", str(tmp_path / "fits")]
    chosen = ["--weights", str(exported), "--methods", "draft", "--conditions", "clean", "--no-plots"]
    assert main(["evaluate", *words, *chosen]) == 0
    assert export(made, tmp_path / "out", "--results", str(tmp_path / "results.json")) == 0
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text(encoding="utf-8")
    (row,) = (
        each for each in json.loads((tmp_path / "results.json").read_text())["rows"]
        if (each["source"], each["group"]) == ("hdm05", "missing")
    )  # fmt: skip
    assert f"| JUMPS, draft | {row['pckh_01']:.3f} / {row['auc']:.3f} |" in card


def test_results_of_other_weights_are_refused(
    made: Made, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    results.write_text(results.read_text().replace('"weights": "', '"weights": "0'))
    assert export(made, tmp_path / "out", "--results", str(results)) == 2
    assert "Export without --results, evaluate these, and export again" in capsys.readouterr().err
    results.write_text("[]")
    assert export(made, tmp_path / "out", "--results", str(results)) == 2
    assert "is no result of python -m trainer evaluate" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_data_under_share_alike_terms_is_refused(
    forbidden: Path, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(replace(made, data=forbidden), tmp_path / "out") == 2
    assert "under CC-BY-SA-3.0, the first is emil" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("part", "missing", "told"),
    [
        ("run", "best.pt", "Run: python -m trainer train"),
        ("run", "gaussians.npz", "expected the folder of a training run"),
        ("prior", "linear.npz", "Run: python -m trainer refine"),
        ("prior", "refiner_noisy.pt", "Run: python -m trainer refine"),
        ("prior", "follower.pt", "Run: python -m trainer follow"),
        ("prior", "screen.pt", "Run: python -m trainer screen"),
        ("prior", "noise_judge.pt", "Run: python -m trainer screen"),
    ],
)
def test_an_unfinished_run_is_told_and_nothing_replaced(
    made: Made, exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str, missing: str, told: str
) -> None:
    copy, out = tmp_path / part, tmp_path / "out"
    shutil.copytree(getattr(made, part), copy)
    shutil.copytree(exported, out)
    (copy / missing).unlink()
    assert export(replace(made, **{part: copy}), out) == 2
    error = capsys.readouterr().err
    assert told in error
    assert missing in error
    assert sorted(path.name for path in out.iterdir()) == FILES
    for name in FILES:
        assert (out / name).read_bytes() == (exported / name).read_bytes()


def test_networks_do_not_outlive_their_linear_part(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "prior"
    shutil.copytree(made.prior, copy)
    linear = load_linear(copy / "linear.npz")
    save_linear(copy / "linear.npz", replace(linear, mean=linear.mean + 0.01))
    assert export(replace(made, prior=copy), tmp_path / "out") == 2
    assert "refiner_calm.pt belongs to another linear part. Run: python -m trainer refine" in capsys.readouterr().err


@pytest.mark.parametrize(("file", "command"), [("refiner_calm.pt", "refine"), ("follower.pt", "follow")])
def test_networks_of_another_linear_part_are_refused(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, command: str
) -> None:
    copy = tmp_path / "prior"
    shutil.copytree(made.prior, copy)
    state = torch.load(copy / file, weights_only=True)
    torch.save(state | {"linear": "another"}, copy / file)
    assert export(replace(made, prior=copy), tmp_path / "out") == 2
    assert f"{file} belongs to another linear part. Run: python -m trainer {command}" in capsys.readouterr().err


_TOO_LARGE = "reaches 1e+06, more than float16 holds"
_NONE = "holds NaN or infinity"


@pytest.mark.parametrize(
    ("part", "file", "network", "name", "number", "said"),
    [
        ("run", "best.pt", "average_encoder", "layers.0.weight", 1e6, _TOO_LARGE),
        ("prior", "refiner_calm.pt", "model", "0.bias", 1e6, _TOO_LARGE),
        ("prior", "refiner_noisy.pt", "model", "0.weight", float("nan"), _NONE),
        ("prior", "screen.pt", "model", "0.bias", 1e6, _TOO_LARGE),
    ],
)
def test_numbers_that_no_file_holds_are_refused_and_nothing_replaced(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    part: str, file: str, network: str, name: str, number: float, said: str,
) -> None:  # fmt: skip
    copy = tmp_path / part
    shutil.copytree(getattr(made, part), copy)
    state = torch.load(copy / file, weights_only=True)
    state[network][name][0] = number
    torch.save(state, copy / file)
    assert export(replace(made, **{part: copy}), tmp_path / "out") == 2
    assert f"{name} {said}" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
