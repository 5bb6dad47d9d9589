"""Tables of named points, as DeepLabCut, SLEAP, Pose2Sim and YOLO write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

People = Mapping[str, Mapping[int, np.ndarray]]
"""Points (joints, 3) of each person in each frame."""


def _cell(value: float) -> str:
    return "" if not np.isfinite(value) else repr(float(value))


def _frames(people: People) -> range:
    frames = [frame for track in people.values() for frame in track]
    return range(min(frames), max(frames) + 1)


def deeplabcut(people: People, names: Sequence[str], several: bool = True) -> str:
    """DeepLabCut's CSV; with one person and `several` False that of a project with one animal."""
    columns = [(person, name, coord) for person in people for name in names for coord in ("x", "y", "likelihood")]
    header = [["scorer", *("DLC_net" for _ in columns)], ["individuals", *(one[0] for one in columns)],
              ["bodyparts", *(one[1] for one in columns)], ["coords", *(one[2] for one in columns)]]  # fmt: skip
    rows = header if several else [header[0], *header[2:]]
    absent = np.full((len(names), 3), np.nan)
    for frame in _frames(people):
        values = [value for track in people.values() for value in track.get(frame, absent).ravel()]
        rows.append([str(frame), *map(_cell, values)])
    return "".join(",".join(row) + "\n" for row in rows)


def sleap(people: People, names: Sequence[str]) -> str:
    """SLEAP's analysis CSV."""
    rows = [["track", "frame_idx", "instance.score", *(f"{name}.{part}" for name in names
                                                      for part in ("x", "y", "score"))]]  # fmt: skip
    for person, track in people.items():
        rows += [[person, str(frame), "0.9", *map(_cell, body.ravel())] for frame, body in track.items()]
    return "".join(",".join(row) + "\n" for row in rows)


def trc(clouds: np.ndarray, names: Sequence[str], unit: str = "m", rate: float = 60, first: int = 1) -> str:
    """A TRC file of (frames, markers, 3)."""
    head = [
        "PathFileType\t4\t(X/Y/Z)\tC:\\my shots\\walk.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{len(clouds)}\t{len(names)}\t{unit}\t{rate}\t0\t{len(clouds)}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{i + 1}" for i in range(len(names)) for axis in "XYZ"),
    ]
    rows = [
        "\t".join([str(first + i), f"{i / rate:.6f}", *map(_cell, cloud.ravel())]) for i, cloud in enumerate(clouds)
    ]
    return "\n".join([*head, *rows]) + "\n"


def yolo(people: People, size: tuple[int, int], ids: bool = True, name: str = "labels/shot_{}.txt") -> dict[str, str]:
    """YOLO-pose's files by name, frames from 1; those without people are not written."""
    files: dict[str, str] = {}
    for person, track in people.items():
        for frame, body in track.items():
            points = (body / (*size, 1)).ravel()
            row = [0, 0.5, 0.5, 0.2, 0.4, *points, *((0.9, int(person)) if ids else ())]
            where = name.format(frame + 1)
            files[where] = files.get(where, "") + " ".join(f"{value:.8g}" for value in row) + "\n"
    return files
