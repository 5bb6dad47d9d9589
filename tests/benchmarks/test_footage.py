"""Clips that are measured with."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.footage import KINDS, Footage, Studio, load_truth, to_and_fro
from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from trainer.data.dataset import Clip, save_dataset


def dancer(name, frames):
    """Somebody of captured size who moves smoothly, (frames, 28, 3)."""
    rng = np.random.default_rng(len(name))
    places = rng.uniform([-0.3, -0.2, 0.1], [0.3, 0.2, 1.7], (28, 3))
    t = np.arange(frames)[:, None, None] / 25
    return (places + 0.1 * np.sin(2 * t + places)).astype(np.float32)


@pytest.fixture
def data(tmp_path):
    clips = [
        Clip(name, "one", name, "test", "CC0-1.0", "dance", dancer(name, frames), 25.0, np.ones(frames, bool))
        for name, frames in (("a", 50), ("ab", 80), ("abc", 30))
    ]
    save_dataset(clips, tmp_path / "data")
    return tmp_path / "data"


def truth_of(filmed: Footage) -> tuple[np.ndarray, np.ndarray]:
    """True positions and head sizes, which are known."""
    assert filmed.truth is not None
    assert filmed.head_size is not None
    return filmed.truth, filmed.head_size


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frames", [24, 500])
def test_captured_people_are_filmed_at_any_length(data, kind, frames):
    filmed = Studio(data).film(kind, 0, frames)
    assert filmed.positions.shape == (frames, 12, 2)
    assert set(filmed.joints) == set(LIMB_JOINTS)
    truth, heads = truth_of(filmed)
    assert truth.shape == (frames, 28, 2)
    assert np.isfinite(truth).all()
    shown = truth[:, np.isin(JOINTS, LIMB_JOINTS)]
    errors = np.linalg.norm(filmed.positions - shown, axis=-1) / heads[:, None]
    assert 0.01 < np.median(errors) < 0.5


def test_nobody_jumps_where_a_short_clip_begins_anew(data):
    truth, _ = truth_of(Studio(data).film("uniform", 0, 1000))
    steps = np.linalg.norm(np.diff(truth, axis=0), axis=-1)
    assert steps.max() < 3 * np.percentile(steps, 99)
    assert list(to_and_fro(4, 9)) == [0, 1, 2, 3, 2, 1, 0, 1, 2]


def test_varied_footage_is_unsure_of_what_is_wrong_and_uniform_footage_of_nothing(data):
    confidence = Studio(data).film("varied", 0, 2000).confidence
    assert confidence is not None
    assert 0 < confidence.min() < 0.3 < np.median(confidence) <= confidence.max() <= 1
    assert len(np.unique(confidence)) > 10_000
    assert Studio(data).film("uniform", 0, 2000).confidence is None


def test_every_person_is_another_and_the_same_again_next_time(data):
    one, other, again = (Studio(data).film("varied", person, 100) for person in (0, 1, 0))
    assert not np.allclose(one.positions, other.positions)
    assert np.array_equal(one.positions, again.positions)


@pytest.mark.parametrize("kind", KINDS)
def test_without_data_the_bundled_sample_stands_in(tmp_path, kind):
    studio = Studio(tmp_path)
    filmed = studio.film(kind, 1, 300)
    assert "without truth" in studio.source
    assert filmed.truth is None
    assert filmed.positions.shape == (300, len(find_joint_set(filmed.joints)), 2)
    if kind == "uniform":
        assert np.isfinite(filmed.positions).all()


def test_footage_comes_back_from_disk_without_the_truth_unless_that_is_asked_for(tmp_path, data):
    filmed = Studio(data).film("varied", 0, 40)
    filmed.save(tmp_path / "kept")
    back = Footage.load(tmp_path / "kept")
    assert back.truth is None
    assert back.joints == filmed.joints
    assert np.array_equal(back.positions, filmed.positions)
    known = load_truth(tmp_path / "kept")
    assert known is not None
    for told, filmed_so in zip(known, truth_of(filmed), strict=True):
        assert np.array_equal(told, filmed_so)
    Studio(Path("nowhere")).film("varied", 0, 40).save(tmp_path / "sample")
    assert load_truth(tmp_path / "sample") is None
