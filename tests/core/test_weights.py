"""Reading the shipped prior with numpy alone, and refusing what is not one."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from jumps_blender.core import Upsampler
from jumps_blender.core.inversion.networks import PARAMETERS
from jumps_blender.core.weights import BUNDLED, DEFAULT, PAPER, VERSIONS, load_weights, read_safetensors
from jumps_blender.errors import WeightsError


@pytest.fixture
def folder(tmp_path):
    """A copy of the bundled weights, to be damaged."""
    for name in (PAPER, DEFAULT):
        shutil.copy(BUNDLED / name, tmp_path)
    return tmp_path


def _rewrite(path: Path, change) -> None:
    """Let `change(arrays, metadata)` alter a file's content in place."""
    arrays, metadata = read_safetensors(path)
    arrays = {name: np.array(values) for name, values in arrays.items()}
    change(arrays, metadata)
    save_file(arrays, path, metadata)


@pytest.mark.parametrize("name", [PAPER, DEFAULT])
def test_numpy_reads_what_the_library_reads(name):
    arrays, metadata = read_safetensors(BUNDLED / name)
    expected = load_file(BUNDLED / name)
    assert arrays.keys() == expected.keys()
    for key, values in expected.items():
        assert arrays[key].dtype == values.dtype
        np.testing.assert_array_equal(arrays[key], values)
    assert metadata["version"] == VERSIONS[name]


def test_every_type_and_shape_is_read(tmp_path):
    path = tmp_path / "a.safetensors"
    arrays: dict[str, np.ndarray] = {
        "half": np.arange(6, dtype=np.float16).reshape(2, 3), "single": np.array([[1.5]], np.float32),
        "double": np.array([1e-300]), "count": np.array(7, np.int64), "none": np.zeros((0, 4), np.float32),
    }  # fmt: skip
    save_file(arrays, path, {"who": "ours"})
    again, metadata = read_safetensors(path)
    assert metadata == {"who": "ours"}
    for key, values in arrays.items():
        assert again[key].dtype == values.dtype
        np.testing.assert_array_equal(again[key], values)


def test_the_bundled_networks_have_the_printed_sizes():
    weights = load_weights()
    for name, count in PARAMETERS.items():
        learned = [v for key, v in weights.network(name).items() if key.endswith(("weight", "bias"))]
        assert sum(v.size for v in learned) == count
    assert weights.critic_spread > 0
    assert len(weights.pose.mean) == 56
    assert len(weights.window.mean) == 24 * 56


def test_a_folder_may_be_given_as_text(folder):
    assert Upsampler.load(weights=str(folder)).weights.critic_mean == load_weights().critic_mean


@pytest.mark.parametrize("name", [PAPER, DEFAULT])
def test_missing(folder, name):
    (folder / name).unlink()
    with pytest.raises(WeightsError, match=rf"{name} are missing in .*Install the extension again"):
        Upsampler.load(weights=folder)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(WeightsError, match=r"missing in .*nowhere"):
        load_weights(tmp_path / "nowhere")


@pytest.mark.parametrize("share", [0.0, 1e-6, 0.001, 0.5, 0.999])
@pytest.mark.parametrize("name", [PAPER, DEFAULT])
def test_cut_off(folder, name, share):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(len(data) * share)])
    with pytest.raises(WeightsError, match=rf"{name} are damaged .*Install the extension again"):
        load_weights(folder)


def _with_header(header: object) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(64)


@pytest.mark.parametrize(
    "data",
    [
        b"not weights at all, but a text that someone renamed",
        struct.pack("<Q", 8) + b"\xff" * 8,
        _with_header([]),
        _with_header(3),
        _with_header({"a": 3}),
        _with_header({"__metadata__": 3}),
        _with_header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}),
        _with_header({"a": {"dtype": "F8", "shape": [2], "data_offsets": [0, 2]}}),
        _with_header({"a": {"dtype": "F32", "shape": [4], "data_offsets": ["0", "16"]}}),
        _with_header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-8, -4]}}),
        _with_header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}}),
    ],
)
def test_something_else(folder, data):
    (folder / PAPER).write_bytes(data)
    with pytest.raises(WeightsError, match="are damaged"):
        load_weights(folder)


@pytest.mark.parametrize(
    ("name", "version", "read"), [(PAPER, "2", "1"), (DEFAULT, "3", "4"), (DEFAULT, "5", "4"), (DEFAULT, None, "4")]
)
def test_another_version(folder, name, version, read):
    def change(_arrays, metadata):
        metadata.pop("version")
        if version:
            metadata["version"] = version

    _rewrite(folder / name, change)
    with pytest.raises(WeightsError, match=f"{name} are of version {version}, this release reads version {read}"):
        load_weights(folder)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (PAPER, "pose.mean"), (PAPER, "pose.factor"), (PAPER, "generator.layers.0.weight"),
        (PAPER, "encoder.layers.0.weight"), (PAPER, "critic.layers.0.weight"), (DEFAULT, "window.noise"),
        (DEFAULT, "window.mean"), (DEFAULT, "refiner.calm.0.weight"), (DEFAULT, "refiner.noisy.4.bias"),
        (DEFAULT, "refiner.calm.2.step"), (DEFAULT, "follower.hears"), (DEFAULT, "follower.says"),
        (DEFAULT, "follower.gate.0.weight"), (DEFAULT, "follower.gate.2.bias"),
        (DEFAULT, "depth.mean"), (DEFAULT, "depth.basis"), (DEFAULT, "screen.0.weight"), (DEFAULT, "screen.4.bias"),
        (DEFAULT, "noise_judge.0.weight"), (DEFAULT, "noise_judge.2.bias"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["gone", "short"])
def test_wrong_content(folder, name, key, damage):
    def change(arrays, _metadata):
        values = arrays.pop(key)
        if damage == "short":
            arrays[key] = values[:-1].copy()

    _rewrite(folder / name, change)
    with pytest.raises(WeightsError, match=r"do not fit|lack|expected"):
        Upsampler.load(engine="torch", device="cpu", weights=folder)


def test_the_critics_measure_must_be_there(folder):
    _rewrite(folder / PAPER, lambda _arrays, metadata: metadata.pop("critic_mean"))
    with pytest.raises(WeightsError, match="critic_mean"):
        load_weights(folder)


@pytest.mark.parametrize("name", ["refiner", "follower", "screen", "noise_judge", "depth", "window"])
def test_without_a_part(folder, name):
    def change(arrays, _metadata):
        for key in [key for key in arrays if key.startswith(name)]:
            del arrays[key]

    _rewrite(folder / DEFAULT, change)
    with pytest.raises(WeightsError, match=r"lack .*Install the extension again"):
        load_weights(folder)


@pytest.mark.parametrize("shape", [(55, 55), (56, 55), (56,), (56, 56, 1)])
def test_a_detail_of_another_size(folder, shape):
    _rewrite(folder / DEFAULT, lambda arrays, _metadata: arrays.update({"window.detail": np.zeros(shape)}))
    with pytest.raises(WeightsError, match="do not fit"):
        load_weights(folder)


@pytest.mark.parametrize(
    ("key", "shape"),
    [("depth.mean", (671,)), ("depth.mean", (1, 672)), ("depth.mean", ()), ("depth.basis", (96, 671))],
)
def test_depths_of_another_size(folder, key, shape):
    _rewrite(folder / DEFAULT, lambda arrays, _metadata: arrays.update({key: np.zeros(shape, np.float32)}))
    with pytest.raises(WeightsError, match="do not fit"):
        load_weights(folder)


@pytest.mark.parametrize("key", ["hears", "says"])
@pytest.mark.parametrize("shape", [(), (3,), (168, 57), (1, 168, 128)])
def test_a_follower_of_another_size(folder, key, shape):
    _rewrite(folder / DEFAULT, lambda arrays, _metadata: arrays.update({f"follower.{key}": np.zeros(shape)}))
    with pytest.raises(WeightsError, match="do not fit"):
        load_weights(folder)


@pytest.mark.parametrize("key", ["screen", "refiner.noisy", "noise_judge", "follower.gate"])
def test_a_network_of_numbers_in_the_wrong_order(folder, key):
    def change(arrays, _metadata):
        arrays[f"{key}.0.weight"] = arrays[f"{key}.0.weight"].T.copy()

    _rewrite(folder / DEFAULT, change)
    with pytest.raises(WeightsError, match="do not fit"):
        load_weights(folder)
