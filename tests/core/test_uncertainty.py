"""How far a result may be off and how deep its joints lie: `std`, `depth` and `depth_std`."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS, MIRROR
from tests.core.people import walker


def _head(truth: np.ndarray) -> float:
    return HEAD * float(body_scale(truth))


def test_std_grows_with_noise_and_where_nothing_is_seen(upsampler):
    truth, arm, gap = walker(75), [INDEX["left_elbow"], INDEX["left_wrist"]], slice(30, 50)
    seen = np.where(np.isin(JOINTS, LIMB_JOINTS)[:, None], truth, np.nan)
    noisy, hidden = seen + np.random.default_rng(0).normal(0, 0.3 * _head(truth), seen.shape), seen.copy()
    hidden[gap, arm] = np.nan
    clean, of_noisy, of_hidden = (upsampler.upsample(each, list(JOINTS)).std for each in (seen, noisy, hidden))
    limbs = np.isin(JOINTS, LIMB_JOINTS)
    assert of_noisy[:, limbs].mean() > 1.5 * clean[:, limbs].mean()
    assert clean[:, ~limbs].mean() > 2 * clean[:, limbs].mean()
    middle = slice(35, 45)
    assert of_hidden[middle, arm].min() > 1.5 * clean[middle, arm].max()
    legs = [INDEX["left_ankle"], INDEX["right_ankle"]]
    assert of_hidden[middle, legs].mean() < 1.5 * clean[middle, legs].mean()


@pytest.mark.parametrize("fps", [25.0, 29.97, 60.0])
def test_std_and_depth_are_lengths_in_the_picture(upsampler, fps):
    seen = walker(50, fps) + np.random.default_rng(0).normal(0, 5, (50, 28, 2))
    plain, large = (upsampler.upsample(scale * seen + 100, list(JOINTS), fps=fps) for scale in (1, 4))
    for name in ("std", "depth", "depth_std"):
        np.testing.assert_allclose(getattr(large, name), 4 * getattr(plain, name), rtol=1e-2, atol=0.5)
    assert (plain.std > 0).all()
    assert ((plain.depth_std > 0) == (np.arange(28) != INDEX["pelvis"])).all()  # from which depth is counted
    assert (plain.depth[:, INDEX["pelvis"]] == 0).all()


@pytest.mark.parametrize("fps", [12.0, 25.0, 60.0])
def test_pins_are_certain(upsampler, fps):
    seen, pinned = walker(50, fps), np.zeros((50, 28), bool)
    pinned[10:40, INDEX["left_hand"]] = True
    std = upsampler.upsample(seen, list(JOINTS), pinned=pinned, fps=fps).std
    assert (std >= 0).all()
    assert std[pinned].max() == 0
    assert std[:, INDEX["right_hand"]].min() > 0


def test_in_a_mirror_depth_is_that_of_the_other_side(upsampler):
    seen = walker(60)[:, [INDEX[name] for name in LIMB_JOINTS]]
    other = [LIMB_JOINTS.index(JOINTS[MIRROR[INDEX[name]]]) for name in LIMB_JOINTS]
    plain = upsampler.upsample(seen, list(LIMB_JOINTS))
    mirrored = upsampler.upsample(seen[:, other] * (-1, 1), list(LIMB_JOINTS))
    for name in ("depth", "std", "depth_std"):
        expected = getattr(plain, name)[:, MIRROR]
        np.testing.assert_allclose(getattr(mirrored, name), expected, atol=0.01 * _head(walker(60)))


def test_depth_says_more_than_that_all_joints_are_as_far_as_the_pelvis(upsampler, crowd):
    told = [np.corrcoef(upsampler.upsample(p.seen, list(JOINTS)).depth.ravel(), p.depth.ravel())[0, 1] for p in crowd]
    assert np.mean(told) > 0.3


def test_what_is_said_of_the_error_is_of_its_size(upsampler, crowd):
    said, found = [], []
    for person in crowd:
        result = upsampler.upsample(person.seen, list(JOINTS))
        hidden = ~np.isfinite(person.seen).all(-1)
        said.append(result.std[hidden].mean() / person.head)
        found.append(np.sqrt(np.mean(person.misses(result.positions)[hidden] ** 2) / 2))
    assert 0.3 < np.mean(said) / np.mean(found) < 3
