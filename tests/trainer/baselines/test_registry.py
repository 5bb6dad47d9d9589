from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.errors import NotEnoughJoints
from trainer.baselines import BASELINES, Lessons, Store, WindowMethod, mixture

ANY_MASK = ("Gaussian", "nearest neighbours", "masked MLP")


@pytest.fixture(scope="module")
def fitted(lessons: Lessons, limbs: np.ndarray):
    return cache(lambda name: BASELINES[name].fit(lessons, limbs))


@pytest.fixture(scope="module")
def person(lessons: Lessons) -> np.ndarray:
    """A stretch of 40 frames in pixels."""
    return 300 * lessons.sampler(99).look(1, 40).positions[0].astype(float) + [960, 540]


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_answers_in_the_pixels_it_was_asked_in(name: str, fitted, person, limbs) -> None:
    method = fitted(name)
    tracks = np.where(limbs[:, None], person, np.nan)
    answer = method(tracks)
    assert answer.shape == person.shape
    assert np.linalg.norm(answer - person, axis=-1).mean() < 300
    np.testing.assert_allclose(method(3 * tracks - 70), 3 * answer - 70, atol=0.5)
    assert method.chosen


@pytest.mark.parametrize("name", BASELINES)
@settings(max_examples=8)
@given(seen=arrays(bool, (40, 28), elements=st.sampled_from([True, True, False])), frames=st.integers(1, 40))
def test_no_gap_makes_an_answer_nan(name: str, seen: np.ndarray, frames: int, fitted, person) -> None:
    tracks = np.where(seen[:frames, :, None], person[:frames], np.nan)
    tracks[0, [INDEX["left_wrist"], INDEX["right_ankle"]]] = person[0, [INDEX["left_wrist"], INDEX["right_ankle"]]]
    answer = fitted(name)(tracks)
    assert answer.shape == tracks.shape
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("name", ["window ridge", "ridge + MLP", *ANY_MASK])
def test_joints_that_a_baseline_does_not_look_at_change_nothing(name: str, fitted, person, limbs) -> None:
    np.testing.assert_array_equal(fitted(name)(person), fitted(name)(np.where(limbs[:, None], person, np.nan)))


@pytest.mark.parametrize("name", ["frame affine", "window ridge", "Gaussian"])
def test_who_is_seen_clean_stays_where_he_was_seen(name: str, fitted, person, limbs) -> None:
    answer = fitted(name)(np.where(limbs[:, None], person, np.nan))
    assert np.linalg.norm(answer - person, axis=-1)[:, limbs].mean() < 6  # a head is 51 pixels


def test_a_person_without_size_is_refused(fitted, person) -> None:
    with pytest.raises(NotEnoughJoints, match="a person's size"):
        fitted("Gaussian")(np.full_like(person, np.nan))


def test_noise_asks_for_a_stronger_penalty(lessons: Lessons, limbs: np.ndarray, fitted) -> None:
    loud = replace(lessons, condition=lambda p, heads, rng: p + 0.3 * heads[..., None, None] * rng.normal(size=p.shape))
    noisy = dict(BASELINES["window ridge"].fit(loud, limbs).chosen)["penalty"]
    assert noisy > dict(fitted("window ridge").chosen)["penalty"]


def test_noise_asks_for_a_filter(lessons: Lessons, limbs: np.ndarray) -> None:
    loud = replace(lessons, condition=lambda p, heads, rng: p + 0.3 * heads[..., None, None] * rng.normal(size=p.shape))
    filtered = dict(BASELINES["Savitzky-Golay, window ridge"].fit(loud, limbs).chosen)
    assert "frames" in str(filtered["filter"])


def test_the_order_of_fits_does_not_matter(lessons: Lessons, limbs: np.ndarray, person: np.ndarray, fitted) -> None:
    fresh = replace(lessons, store=Store())
    again: WindowMethod = BASELINES["window ridge, noisy"].fit(fresh, limbs)
    np.testing.assert_array_equal(again(person), fitted("window ridge, noisy")(person))


def test_what_is_kept_is_not_trained_again(
    lessons: Lessons, limbs: np.ndarray, person: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.baselines import networks

    first = BASELINES["masked MLP"].fit(replace(lessons, store=Store(tmp_path)), limbs)
    monkeypatch.delattr(networks, "taught")
    second = BASELINES["masked MLP"].fit(replace(lessons, store=Store(tmp_path)), limbs)
    np.testing.assert_array_equal(first(person), second(person))
    with pytest.raises(AttributeError):
        BASELINES["masked MLP"].fit(replace(lessons, store=Store(tmp_path), seed=1), limbs)


def test_the_mixture_leaves_some_windows_alone_and_hides_limbs_in_others() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(300, 48, 28, 2)).astype(np.float32)
    seen = mixture(truth, np.full((300, 48), 0.17, np.float32), rng)
    same = (seen == truth).all((1, 2, 3)).mean()
    assert 0.05 < same < 0.4
    assert 0.005 < np.isnan(seen).mean() < 0.05
