"""Who is who: the file's ids where they can be believed, else people linked from frame to frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, NamedTuple

import numpy as np

from ..core.body.tracks import has_place, is_observed
from .recording import Sighting

JUMP: Final = 1.0
"""Farthest that a body moves from one sighting to the next, in body sizes: beyond it is somebody else."""
LONGEST_GAP: Final = 60
"""Frames after which somebody who was lost is not looked for any more."""
STALE: Final = 0.02
NEW: Final = 0.05
"""Body sizes by which a track seems farther away per frame without a sighting, and while it has fewer than three: so
that somebody who was found twice for a moment does not take over the person."""
SAME_BODY: Final = 0.25
"""Median distance, in body sizes, below which two sightings of one frame may be the same body found twice."""
GHOST_FRAMES: Final = 8
"""Most sightings of somebody who only ever appears on top of one other person."""
MOST_PER_FRAME: Final = 200
MANY: Final = 4096
"""Sightings that are compared at once."""
LINKED_FROM: Final = 0.05
"""Confidence below which a point has no say in who is who."""


@dataclass(frozen=True)
class People:
    """Sightings by person, and what had to be decided."""

    tracks: dict[str, tuple[Sighting, ...]]
    warnings: tuple[str, ...] = ()


def tell_apart(sightings: Sequence[Sighting]) -> People:
    """Group sightings by person, at most one per frame and person, in order of frames."""
    reason = _why_untracked(sightings)
    if reason is None:
        return People({str(one): tuple(track) for one, track in _by_id(sightings).items()})
    tracks, notes = link(sightings)
    several = len(tracks) > 1
    most = max(Counter(sighting.frame for sighting in sightings).values())
    if several and most == 1:
        notes.append(
            f"One body per frame, but it jumps by more than its own size: taken as {len(tracks)} different people."
        )
    elif reason or (several and len({sighting.frame for sighting in sightings}) > 1):
        notes.insert(0, f"{reason or 'There are no person ids'}: people were linked from frame to frame.")
    return People({str(i): tuple(track) for i, track in enumerate(tracks)}, tuple(notes))


def _why_untracked(sightings: Sequence[Sighting]) -> str | None:
    """Why ids cannot be believed; "" where there are none, None where they can."""
    if any(sighting.person is None for sighting in sightings):
        return ""
    counts = Counter((sighting.frame, sighting.person) for sighting in sightings)
    (frame, person), most = counts.most_common(1)[0]
    if most == 1:
        return None
    return f"{most} people of frame {frame} share the id {person}, so the file was written without tracking"


def _by_id(sightings: Iterable[Sighting]) -> dict[str, list[Sighting]]:
    tracks: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sorted(sightings, key=lambda one: one.frame):
        tracks[str(sighting.person)].append(sighting)
    return tracks


class _Body(NamedTuple):
    """A sighting, and what of it has a say: positions (joints, 2), NaN where one has none, and how large it is."""

    sighting: Sighting
    shown: np.ndarray
    size: float


@dataclass
class _Track:
    """A person being followed."""

    last: _Body
    size: float
    """Of the body, in the file's unit; a slow average, since a crouching body is still as large."""
    seen: list[Sighting]

    @classmethod
    def of(cls, body: _Body) -> _Track:
        """Of somebody new."""
        return cls(body, body.size, [body.sighting])

    def add(self, body: _Body) -> None:
        if self.size:  # one scattered pose must not make a giant of the person
            self.size = max(0.9 * self.size, min(body.size, 2 * self.size))
        else:
            self.size = body.size
        self.last = body
        self.seen.append(body.sighting)


def link(sightings: Sequence[Sighting]) -> tuple[list[list[Sighting]], list[str]]:
    """Follow people from frame to frame: the nearest pairs first, gaps allowed, distances in body sizes.

    Returns:
        One list of sightings per person, in order of frames, the most confident person first, and notes for the user.

    """
    frames = _by_frame(sightings)
    alone = _alone(frames)
    if alone:
        return [alone], []
    tracks: list[_Track] = []
    active: list[_Track] = []
    crowded = [frame for frame, found in frames.items() if len(found) > MOST_PER_FRAME]
    for frame, found in _bodies(frames):
        active = [track for track in active if frame - track.last.sighting.frame <= LONGEST_GAP]
        active = sorted(active, key=lambda track: track.last.sighting.frame)[-2 * MOST_PER_FRAME :]
        for known, i in _assign(active, frame, found):
            if known:
                known.add(found[i])
            else:
                tracks.append(_Track.of(found[i]))
                active.append(tracks[-1])
    notes = [f"More than {MOST_PER_FRAME} people in frame {crowded[0]}: the best were kept."] if crowded else []
    people, doubles = _without_ghosts([track.seen for track in tracks])
    if doubles:
        notes.append(_doubles_note(doubles))
    people.sort(key=lambda seen: -sum(one.certainty for one in seen))
    return people, notes


def _alone(frames: dict[int, list[Sighting]]) -> list[Sighting]:
    """The sightings of somebody who is alone in every frame, never lost for long and never jumps; else nothing.

    What following would find, without the steps.
    """
    if any(len(found) > 1 for found in frames.values()):
        return []
    seen = [frames[frame][0] for frame in sorted(frames)]
    if any(b.frame - a.frame > LONGEST_GAP for a, b in pairwise(seen)):
        return []
    xy = _shown(np.stack([one.points for one in seen]))
    sizes = _extents(xy)[1:]
    parts = [slice(i, i + MANY) for i in range(0, len(sizes), MANY)]
    apart = np.concatenate([np.zeros(0), *(_between(xy[:-1][part], xy[1:][part]) for part in parts)])
    return seen if bool(((sizes > 0) & (apart <= JUMP * sizes)).all()) else []


def _doubles_note(frames: list[int]) -> str:
    shown = ", ".join(map(str, frames[:5])) + (" and others" if len(frames) > 5 else "")
    return f"One person found twice in frame {shown}: the one with the higher score was kept."


def _by_frame(sightings: Iterable[Sighting]) -> dict[int, list[Sighting]]:
    frames: dict[int, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        frames[sighting.frame].append(sighting)
    return frames


def _bodies(frames: dict[int, list[Sighting]]) -> Iterator[tuple[int, list[_Body]]]:
    """Everybody of each frame, in order, the best first."""
    best = {
        frame: sorted(found, key=lambda one: -one.weight)[:MOST_PER_FRAME] if len(found) > 1 else found
        for frame, found in sorted(frames.items())
    }
    bodies = _measured([one for found in best.values() for one in found])
    return ((frame, list(islice(bodies, len(found)))) for frame, found in best.items())


def _measured(sightings: Sequence[Sighting]) -> Iterator[_Body]:
    """Bodies of sightings, worked out for many at once: one by one takes ten times as long."""
    for i in range(0, len(sightings), MANY):
        some = sightings[i : i + MANY]
        shown = _shown(np.stack([one.points for one in some]))
        yield from map(_Body, some, shown, _extents(shown).tolist())


def _seen(points: np.ndarray) -> np.ndarray:
    return is_observed(points[..., :2], points[..., 2], LINKED_FROM)


def _shown(points: np.ndarray) -> np.ndarray:
    """Positions (..., 2) of points (..., 3), NaN where one has no say."""
    return np.where(_seen(points)[..., None], points[..., :2], np.nan)


def _extents(positions: np.ndarray) -> np.ndarray:
    """(n,) diagonals of the boxes around bodies (n, joints, 2); 0 where fewer than two points are seen."""
    seen = np.isfinite(positions)
    low, high = np.where(seen, positions, np.inf).min(1), np.where(seen, positions, -np.inf).max(1)
    return np.where(seen[..., 0].sum(1) > 1, np.linalg.norm(np.where(high >= low, high - low, 0), axis=-1), 0.0)


def _size(points: np.ndarray) -> float:
    """Diagonal of the box around a body; 0 where fewer than two points are seen."""
    return float(_extents(_shown(points[None]))[0])


def _distances(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Median distance over the points seen in both; of the bodies' middles where they share none.

    Args:
        ours: (m, joints, 3).
        theirs: (n, joints, 3).

    Returns:
        (m, n), infinite where one shows nothing at all.

    """
    return _between(_shown(ours)[:, None], _shown(theirs)[None])


def _between(xy_a: np.ndarray, xy_b: np.ndarray) -> np.ndarray:
    """The same for positions (..., joints, 2), each of one with that of the other in its place."""
    apart = np.linalg.norm(xy_a - xy_b, axis=-1)  # (m, n, joints)
    shared = np.isfinite(apart).sum(-1)
    ordered = np.sort(apart, axis=-1).reshape(-1, apart.shape[-1])  # NaN last
    middle = np.maximum(shared - 1, 0) // 2
    out = ordered[np.arange(len(ordered)), middle.ravel()].reshape(shared.shape)
    if (shared == 0).any():
        out = np.where(shared > 0, out, np.linalg.norm(_middle(xy_a) - _middle(xy_b), axis=-1))
    return np.where(np.isfinite(out), out, np.inf)


def _middle(positions: np.ndarray) -> np.ndarray:
    """(..., 2) mean of the points (..., joints, 2) seen."""
    seen = has_place(positions)
    total, count = np.where(seen[..., None], positions, 0).sum(-2), seen.sum(-1)[..., None]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _assign(active: Sequence[_Track], frame: int, found: Sequence[_Body]) -> list[tuple[_Track | None, int]]:
    """(track, index of the body) for everybody; None where it is somebody new."""
    if not active:
        return [(None, i) for i in range(len(found))]
    ours, theirs = np.stack([track.last.shown for track in active]), np.stack([one.shown for one in found])
    apart = _between(ours[:, None], theirs[None])
    scale = np.maximum(np.array([track.size for track in active])[:, None], np.array([one.size for one in found]))
    with np.errstate(invalid="ignore", divide="ignore"):
        cost = np.where((scale > 0) & (apart <= JUMP * scale), apart / scale, np.inf)
    doubt = [STALE * (frame - track.last.sighting.frame - 1) + NEW * (len(track.seen) < 3) for track in active]
    cost += np.asarray(doubt)[:, None]
    pairs: list[tuple[_Track | None, int]] = []
    used_tracks: set[int] = set()
    used: set[int] = set()
    for flat in np.argsort(cost, axis=None, kind="stable"):
        t, i = divmod(int(flat), len(found))
        if not np.isfinite(cost[t, i]):
            break
        if t not in used_tracks and i not in used:
            used_tracks.add(t)
            used.add(i)
            pairs.append((active[t], i))
    return pairs + [(None, i) for i in range(len(found)) if i not in used]


@dataclass(frozen=True)
class _Frame:
    """Everybody in one frame, as arrays."""

    people: np.ndarray  # (n,), index of the person
    points: np.ndarray  # (n, joints, 3)
    sizes: np.ndarray  # (n,)

    def on_top_of(self, person: int) -> set[int]:
        """The others whose bodies lie where this person's lies."""
        row = int(np.flatnonzero(self.people == person)[0])
        apart = _distances(self.points[row : row + 1], self.points)[0]
        near = apart <= SAME_BODY * np.maximum(self.sizes, self.sizes[row])
        return set(self.people[near].tolist()) - {person}


def _without_ghosts(people: list[list[Sighting]]) -> tuple[list[list[Sighting]], list[int]]:
    """Fold people who only ever appear on top of one other into that one; the frames in which that happened."""
    short = [(i, track) for i, track in enumerate(people) if len(track) <= GHOST_FRAMES]
    frames = _stacked(people, {sighting.frame for _, track in short for sighting in track})
    doubles: list[int] = []
    gone: set[int] = set()
    for i, track in sorted(short, key=lambda one: len(one[1])):
        hosts = set.intersection(*(frames[sighting.frame].on_top_of(i) for sighting in track)) - gone
        host = min(hosts, default=None)
        if host is None or len(people[host]) <= len(track):
            continue
        gone.add(i)
        doubles += [sighting.frame for sighting in track]
        better = {sighting.frame: sighting for sighting in track}
        people[host] = [max(one, better.get(one.frame, one), key=lambda x: x.weight) for one in people[host]]
    return [track for i, track in enumerate(people) if i not in gone], sorted(doubles)


def _stacked(people: Sequence[Sequence[Sighting]], wanted: set[int]) -> dict[int, _Frame]:
    found: dict[int, list[tuple[int, Sighting]]] = defaultdict(list)
    for i, track in enumerate(people):
        for sighting in track:
            if sighting.frame in wanted:
                found[sighting.frame].append((i, sighting))
    return {
        frame: _Frame(
            np.array([i for i, _ in here]),
            np.stack([sighting.points for _, sighting in here]),
            np.array([_size(sighting.points) for _, sighting in here]),
        )
        for frame, here in found.items()
    }
