"""Files that try to break Blender, through its own doors: the dialog shows why not, and the import changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.ui.operators.import_tracks import close_dialog
from jumps_blender.ui.recognition import Choice, look_at
from tests.blender.conftest import write_tracks
from tests.blender.snapshot import snapshot


def _nested(path: Path) -> None:
    path.write_text("[" * 200_000 + "]" * 200_000)


def _nested_objects(path: Path) -> None:
    path.write_text('{"people":' * 50_000)


def _far_frames(path: Path) -> None:
    points = [100.0, 100.0, 0.9] * 17
    entries = [{"image_id": f"{number}.jpg", "keypoints": points, "score": 1.0} for number in (0, 900_000)]
    path.write_text(json.dumps(entries))


def _endless_number(path: Path) -> None:
    path.write_text(f'{{"format": "jumps-tracks", "version": {"9" * 100_000}}}')


def _infinite(path: Path) -> None:
    path.write_text('[{"image_id": "0.jpg", "keypoints": [1e999, -1e999, 1, ' + "NaN, NaN, NaN, " * 16 + "], }]")


@pytest.mark.parametrize("hostile", [_nested, _nested_objects, _far_frames, _endless_number, _infinite])
def test_a_hostile_file_changes_nothing(tmp_path: Path, hostile: Callable[[Path], None]) -> None:
    path = tmp_path / "tracks.json"
    hostile(path)
    before = snapshot()
    assert "tracks.json" in look_at(Choice(str(path))).problem
    with pytest.raises(RuntimeError, match=r"tracks\.json"):
        bpy.ops.jumps.import_tracks(filepath=str(path))
    assert snapshot() == before
    close_dialog()


@pytest.mark.parametrize(
    "hostile", ["../../etc/passwd", "//evil", "a\nb\0c", "x" * 500, "\u202eevil", "all", "1, 2", '"', "%s{0}"]
)
def test_ids_become_names_of_armatures(tmp_path: Path, walk: np.ndarray, hostile: str) -> None:
    path = write_tracks(tmp_path / "walk.json", walk)
    content: dict[str, Any] = json.loads(path.read_text())
    content["people"] = [dict(content["people"][0], id=one) for one in (hostile, "zoe")]
    path.write_text(json.dumps(content))
    assert bpy.ops.jumps.import_tracks(filepath=str(path), people="all") == {"FINISHED"}
    names = [ob.name for ob in bpy.data.objects]
    assert len(names) == 2
    assert all(name.startswith("walk person ") and name.isprintable() and "/" not in name for name in names)
    assert list(tmp_path.iterdir()) == [path]
