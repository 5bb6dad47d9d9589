"""Trust: exact tracks are taken at their word, a detector's are not, whatever the slider says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.core.direct.noise import Noise
from jumps_blender.core.direct.trust import Trust, granted
from jumps_blender.core.settings import NEUTRAL

DEVIATIONS = st.floats(0.01, 0.6)
SHARES = st.floats(0, 1)


@given(SHARES, DEVIATIONS, SHARES, SHARES)
def test_trust_is_a_share_and_doubt_never_none(jitter, found, lasting, smoothness):
    trust = Trust.of(np.array([jitter]), granted(Noise(found, lasting), smoothness), smoothness)
    assert 0 <= trust.literal[0] <= 1
    assert 1 / 256 <= trust.doubt[0] <= 4


@given(DEVIATIONS, SHARES)
def test_the_more_it_jitters_the_less_it_is_believed(deviation, lasting):
    trust = Trust.of(np.linspace(0, 1, 101), Noise(deviation, lasting), NEUTRAL)
    assert (np.diff(trust.literal) <= 0).all()
    assert (np.diff(trust.doubt) >= 0).all()


@pytest.mark.parametrize(("jitter", "deviation", "literal"), [(0.0, 0.02, 1), (0.5, 0.02, 0), (0.0, 0.3, 0)])
def test_exact_tracks_are_taken_at_their_word_and_no_others(jitter, deviation, literal):
    trust = Trust.of(np.array([jitter]), Noise(deviation, 0.0), NEUTRAL)
    assert trust.literal[0] == literal


@given(DEVIATIONS, st.floats(0, 1))
def test_the_slider_makes_no_exact_track_of_a_detectors(found, smoothness):
    """It moves what is granted, not what was found."""
    noise, jitter = Noise(found, 0.0), np.zeros(1)
    asked = Trust.of(jitter, granted(noise, smoothness), smoothness)
    assert asked.literal[0] <= Trust.of(jitter, granted(noise, NEUTRAL), NEUTRAL).literal[0] + 1e-9
