import numpy as np
import pytest

from trainer.baselines.filters import NoFilter, OneEuro, SavitzkyGolay, Smooth
from trainer.data.dataset import Clip

FILTERS: list[Smooth] = [NoFilter(), SavitzkyGolay(7), OneEuro(2, 8)]


@pytest.fixture
def person(make_clip) -> np.ndarray:
    clip: Clip = make_clip("anna")
    return clip.positions[None, ..., :2].astype(float) * 200


@pytest.mark.parametrize("smooth", FILTERS, ids=str)
@pytest.mark.parametrize("frames", [1, 2, 4, 40])
def test_who_stands_still_stays_and_who_is_not_seen_stays_unseen(
    smooth: Smooth, frames: int, person: np.ndarray
) -> None:
    standing = np.repeat(person[:, :1], frames, axis=1)
    standing[:, :, 3] = np.nan
    np.testing.assert_allclose(smooth(standing), standing, atol=1e-9)


@pytest.mark.parametrize("smooth", FILTERS[1:], ids=str)
def test_noise_becomes_less(smooth: Smooth, person: np.ndarray) -> None:
    standing = np.repeat(person[:, :1], 60, axis=1)
    noise = 3 * np.random.default_rng(0).standard_normal(standing.shape)
    assert np.abs(smooth(standing + noise) - standing).mean() < 0.75 * np.abs(noise).mean()


def test_a_polynomial_of_its_order_passes_savitzky_golay() -> None:
    throw = np.arange(30.0)[None, :, None, None] ** 2 * [0.5, 1.0]
    np.testing.assert_allclose(SavitzkyGolay(9, 2)(throw), throw, atol=1e-6)


def test_the_units_of_the_tracks_do_not_matter_to_one_euro(person: np.ndarray) -> None:
    smooth = OneEuro(1, 8)
    np.testing.assert_allclose(smooth(person * 5 + 7), smooth(person) * 5 + 7, atol=1e-6)
