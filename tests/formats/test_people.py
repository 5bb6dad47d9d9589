"""Linking people that the file does not tell apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.formats.people import LONGEST_GAP, link, tell_apart
from jumps_blender.formats.recording import Sighting

STANDING = np.array([[x, y, 0.9] for x, y in ((0, -80), (-15, -60), (15, -60), (-10, 0), (10, 0), (-10, 80), (10, 80))])


def _at(frame: int, x: float, y: float = 500.0, person: str | None = None, score: float = 1.0) -> Sighting:
    return Sighting(frame, STANDING + np.array([x, y, 0]), person, score)


def _middles(track: list[Sighting]) -> list[float]:
    return [float(one.points[:, 0].mean()) for one in track]


def test_two_people_in_changing_order() -> None:
    seen = [_at(f, x) for f in range(20) for x in ((300, 700) if f % 3 else (700, 300))]
    tracks, notes = link(seen)
    assert sorted(len(track) for track in tracks) == [20, 20]
    assert all(len(set(_middles(track))) == 1 for track in tracks)
    assert notes == []


def test_people_who_pass_each_other_keep_apart() -> None:
    seen = [_at(f, x, y) for f in range(41) for x, y in ((300 + 10 * f, 500), (700 - 10 * f, 530))]
    tracks, _ = link(seen)
    assert sorted(_middles(tracks[0])) in (_middles(tracks[0]), _middles(tracks[0])[::-1])
    assert [len(track) for track in tracks] == [41, 41]


def test_gap_is_bridged_but_not_for_ever() -> None:
    tracks, _ = link([_at(0, 300), _at(LONGEST_GAP, 320), _at(2 * LONGEST_GAP + 1, 340)])
    assert [len(track) for track in tracks] == [2, 1]


def test_a_jump_beyond_the_bodys_size_is_somebody_else() -> None:
    people = tell_apart([_at(f, 300 if f < 10 else 600) for f in range(15)])
    assert [len(track) for track in people.tracks.values()] == [10, 5]
    assert "jumps by more than its own size" in people.warnings[0]


def test_double_keeps_the_higher_score() -> None:
    seen = [_at(f, 300 + f, score=2.0) for f in range(12)] + [_at(5, 309, score=3.0)]
    people = tell_apart(seen)
    (track,) = people.tracks.values()
    assert [one.score for one in track] == [2.0] * 5 + [3.0] + [2.0] * 6
    assert any("found twice in frame 5" in warning for warning in people.warnings)


def test_shared_id_means_no_tracking() -> None:
    seen = [_at(f, x, person="0") for f in range(5) for x in (300, 700)]
    people = tell_apart(seen)
    assert [len(track) for track in people.tracks.values()] == [5, 5]
    assert "2 people of frame 0 share the id 0" in people.warnings[0]


def test_good_ids_are_believed_even_across_a_jump() -> None:
    people = tell_apart([_at(f, 300 if f < 3 else 3000, person="4") for f in range(6)])
    assert {who: len(track) for who, track in people.tracks.items()} == {"4": 6}
    assert people.warnings == ()


def test_nobody_seen_clearly_still_ends() -> None:
    blank = Sighting(0, np.full((7, 3), np.nan))
    tracks, _ = link([blank, Sighting(1, np.zeros((7, 3)))])
    assert sum(map(len, tracks)) == 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 2000), st.floats(0, 1000)), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_nobody_is_lost_and_nobody_is_in_two_places(where, shuffle) -> None:
    seen = [_at(f, x, y, score=i) for i, (f, x, y) in enumerate(where)]
    tracks, notes = link(seen)
    kept = [id(one) for track in tracks for one in track]
    assert len(kept) == len(set(kept))
    assert len(kept) == len(seen) or any("found twice" in note for note in notes)
    for track in tracks:
        frames = [one.frame for one in track]
        assert frames == sorted(set(frames))
    shuffled = list(seen)
    shuffle.shuffle(shuffled)
    assert sorted(map(len, link(shuffled)[0])) == sorted(map(len, tracks))
