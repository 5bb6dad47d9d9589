"""SLEAP: its analysis as CSV and HDF5, and its projects (`.slp`, HDF5). Points are named by the user.

CSV: `track,frame_idx,instance.score,A.x,A.y,A.score,...`, a row for each instance, the track empty without tracking.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..errors import FormatError
from . import hdf5
from .named import Bodies, take_of
from .points import number, whole_number
from .recording import LONGEST, Take
from .source import Source
from .table import head_of, read_table

FORMATS: Final = {"sleap": "SLEAP"}

_FRAME: Final = "frame_idx"
_SCORE: Final = "instance.score"
_MANY: Final = 20_000_000
"""Points in all frames of everybody, at most."""


def sniff(source: Source) -> bool:
    """Text with columns `frame_idx` and `A.x`, or HDF5 with SLEAP's data sets."""
    rows = head_of(source.main, 1)
    if rows:
        return _FRAME in rows[0] and any(cell.endswith(".x") for cell in rows[0])
    if _is_json_project(source.value):
        raise FormatError(
            f"{source.name} is a SLEAP project as JSON, which is not read: open it in SLEAP and use File > Export "
            "Analysis CSV."
        )
    if not hdf5.is_hdf5(source.main):
        return False
    with hdf5.opened(source.main) as file:
        return {"tracks", "node_names"} <= set(file) or {"frames", "instances", "metadata"} <= set(file)


def _is_json_project(value: Any) -> bool:
    return isinstance(value, dict) and {"skeletons", "nodes", "labels", "videos"} <= value.keys()


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    if not hdf5.is_hdf5(source.main):
        return _from_text(source)
    with hdf5.opened(source.main) as file:
        take, bodies = (_from_analysis if "tracks" in file else _from_project)(file, source.name)
    return take_of(take, bodies, source)


def _from_text(source: Source) -> Take:
    header = head_of(source.main, 1)[0]
    if len(set(header)) != len(header):
        raise FormatError(f"{source.name}: two of its columns have the same name.")
    frame, first = header.index(_FRAME), next(i for i, cell in enumerate(header) if cell.endswith(".x"))
    if frame > first:
        raise FormatError(f"{source.name}: the column {_FRAME} before the points was expected.")
    names = tuple(cell.removesuffix(".x") for cell in header if cell.endswith(".x"))
    labels = min(first, next((i for i, cell in enumerate(header) if cell == _SCORE), first))
    table = read_table(source.main, 1, labels, len(header))
    place = {cell: i - labels for i, cell in enumerate(header)}
    filled = np.c_[table.values, np.full(len(table.values), np.nan)]
    wanted = [place.get(f"{name}.{part}", -1) for name in names for part in ("x", "y", "score")]
    points = _sure(filled[:, wanted].reshape(-1, len(names), 3))
    frames = [whole_number(row[frame]) for row in table.labels]
    if any(one is None for one in frames):
        bad = next(i for i, one in enumerate(frames) if one is None)
        raise FormatError(f"{source.name}: {table.labels[bad][frame][:20]!r} of row {bad} is no frame's number.")
    track = header.index("track") if "track" in header[:labels] else None
    people = [row[track] or None if track is not None else None for row in table.labels]
    scores = filled[:, place[_SCORE]].tolist() if _SCORE in place else None
    bodies = Bodies(names, [one for one in frames if one is not None], points, people, scores)
    take = Take("sleap", (), f"{len(table.values)} rows", damage=table.damage, warnings=table.warnings)
    return take_of(take, bodies, source)


def _sure(points: np.ndarray) -> np.ndarray:
    """Points that have a place but no score, as a person's own labels have, are sure."""
    given = np.isfinite(points[..., :2]).all(-1)
    filled = points.copy()
    filled[..., 2] = np.where(given & np.isnan(points[..., 2]), 1.0, points[..., 2])
    return filled


def _from_analysis(file: Any, name: str) -> tuple[Take, Bodies]:
    tracks, nodes = hdf5.dataset(file, "tracks", name), hdf5.texts(hdf5.dataset(file, "node_names", name))
    if tracks is None or tracks.ndim != 4 or tracks.shape[1:3] != (2, len(nodes)) or tracks.shape[3] > LONGEST:
        shape = None if tracks is None else tracks.shape
        raise FormatError(f"{name}: tracks (tracks, 2, {len(nodes)}, frames) were expected, found {shape}.")
    scores = hdf5.dataset(file, "point_scores", name)
    if scores is None or scores.shape != (tracks.shape[0], *tracks.shape[2:]):
        scores = np.full((tracks.shape[0], *tracks.shape[2:]), np.nan)
    points = np.concatenate([tracks, scores[:, None]], 1).transpose(3, 0, 2, 1).astype(np.float64)
    ids = hdf5.texts(hdf5.dataset(file, "track_names", name))
    ids = ids if len(ids) == len(tracks) and len(set(ids)) == len(ids) else [str(i) for i in range(len(tracks))]
    frames, people = tracks.shape[3], len(tracks)
    bodies = Bodies(
        tuple(nodes), np.repeat(np.arange(frames), people).tolist(), _sure(points.reshape(-1, len(nodes), 3)),
        ids * frames,
    )  # fmt: skip
    return Take("sleap", (), f"{frames} frames", (0, max(frames - 1, 0))), bodies


def _from_project(file: Any, name: str) -> tuple[Take, Bodies]:
    """A project: rows of frames point to rows of instances, and those to rows of points."""
    nodes = _nodes(file, name)
    frames, instances = _rows(file, "frames", name), _rows(file, "instances", name)
    points = [_rows(file, key, name) if key in file else None for key in ("points", "pred_points")]
    videos = frames["video"]
    video = int(np.bincount(videos[videos < 1000]).argmax()) if len(videos) else 0
    ids = _track_names(file, name)
    found: list[tuple[int, np.ndarray, str | None, float]] = []
    for row in frames[videos == video]:
        here = instances[int(row["instance_id_start"]) : int(row["instance_id_end"])]
        for one in _without_predecessors(here):
            body = _points(one, points[int(one["instance_type"] == 1)], len(nodes), name)
            track = int(one["track"])
            person = ids[track] if 0 <= track < len(ids) else None
            found.append((int(row["frame_idx"]), body, person, number(one["score"])))
        if len(found) * len(nodes) > _MANY:
            raise FormatError(f"{name} holds more instances than any recording.")
    take = Take("sleap", (), f"{len(frames)} frames")
    if len(set(videos.tolist())) > 1:
        note = f"Of {len(set(videos.tolist()))} videos number {video}, which has most frames, was read."
        take = replace(take, warnings=(note,))
    bodies = Bodies(
        tuple(nodes), [one[0] for one in found], _sure(np.array([one[1] for one in found]).reshape(-1, len(nodes), 3)),
        [one[2] for one in found], [one[3] for one in found],
    )  # fmt: skip
    return take, bodies


def _rows(file: Any, key: str, name: str) -> np.ndarray:
    rows = hdf5.dataset(file, key, name)
    if rows is None or rows.dtype.names is None:
        raise FormatError(f"{name}: its {key} are no table of named columns.")
    return rows


def _nodes(file: Any, name: str) -> list[str]:
    told = file["metadata"].attrs.get("json")
    try:
        meta = json.loads(told)
        names = [str(node["name"]) for node in meta["nodes"]]
        return [names[node["id"]] for node in meta["skeletons"][0]["nodes"]]
    except (TypeError, ValueError, KeyError, IndexError, RecursionError):
        raise FormatError(f"{name}: its metadata name no skeleton's points.") from None


def _track_names(file: Any, name: str) -> list[str]:
    """Names of the tracks, each once; `["0", "track_1"]` stands for a track that begins in frame 0."""
    names = []
    for i, text in enumerate(hdf5.texts(hdf5.dataset(file, "tracks_json", name))):
        try:
            told = json.loads(text)[1]
        except (ValueError, LookupError, TypeError, RecursionError):
            told = ""
        names.append(str(told) or str(i))
    return names if len(set(names)) == len(names) else [f"{i} {one}" for i, one in enumerate(names)]


def _without_predecessors(instances: np.ndarray) -> np.ndarray:
    """Without predictions that somebody corrected: the corrected instance says which it came from."""
    corrected = set(instances["from_predicted"][instances["instance_type"] == 0].tolist()) - {-1}
    return instances[[int(one) not in corrected for one in instances["instance_id"]]]


def _points(instance: Any, points: np.ndarray | None, nodes: int, name: str) -> np.ndarray:
    start, end = int(instance["point_id_start"]), int(instance["point_id_end"])
    if points is None or not 0 <= start <= end <= len(points) or end - start != nodes:
        raise FormatError(f"{name}: an instance with {end - start} points, where {nodes} were expected.")
    rows = points[start:end]
    names = rows.dtype.names or ()
    scores = rows["score"] if "score" in names else np.ones(nodes)
    shown = rows["visible"].astype(bool) if "visible" in names else np.ones(nodes, bool)
    return np.where(shown[:, None], np.stack([rows["x"], rows["y"], scores], -1).astype(np.float64), np.nan)
