"""Write the files that every later version has to open, into `tests/data/kept/VERSION`; once per release.

    .venv-bpy-4.2/bin/python -m scripts.keep_files [FOLDER]

Run by the oldest Blender that is supported (`make test-all BLENDERS=4.2` makes its environment), since a newer one
opens what an older one saved, not the other way round. `performance.blend` holds keypoints with a mend, their result
with a pin, and a rig that it leads; beside it lie a rig's preset and what a batch leaves of a shot.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

PROFILE = tempfile.TemporaryDirectory(prefix="jumps-profile-")
os.environ["BLENDER_USER_RESOURCES"] = PROFILE.name

import bpy  # noqa: E402  which looks for its user's files when it is imported

REPOSITORY = Path(__file__).resolve().parents[1]
OLDEST = (4, 2)
ADD_ON = "jumps_blender"
LONGEST = 12
"""Frames of the sample that are kept: whoever checks out the repository gets the files too."""


def version() -> str:
    """The version in the manifest."""
    text = (REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["version"])


def excerpt(folder: Path) -> Path:
    """The first frames of one person of the sample."""
    content = json.loads((REPOSITORY / "jumps_blender" / "samples" / "rooftop_coco17.json").read_text(encoding="utf-8"))
    person = content["people"][0]
    content["people"] = [{**person, **{name: person[name][:LONGEST] for name in ("positions", "confidence")}}]
    where = folder / "rooftop.json"
    where.write_text(json.dumps(content), encoding="utf-8")
    return where


def made(operator: Any, **options: Any) -> Any:
    """Run an operator; the object that it made, active then."""
    before = set(bpy.data.objects.keys())
    operator(**options)
    (name,) = set(bpy.data.objects.keys()) - before
    bpy.context.view_layer.objects.active = bpy.data.objects[name]
    return bpy.data.objects[name]


def perform(tracks: Path) -> None:
    """Fill the open file: keypoints, a mend, the result, a pin, and a rig."""
    from demo.figures import MIXAMO, make_figure

    bpy.context.scene.render.fps = 30
    source = made(bpy.ops.jumps.import_tracks, filepath=str(tracks))
    select(source, ["left_wrist"])
    bpy.context.scene.frame_set(6)
    bpy.ops.jumps.ignore_joints()
    result = made(bpy.ops.jumps.upsample, settings="default")
    bpy.context.scene.frame_set(12)
    hand = result.pose.bones["right_hand"]
    hand.location = (hand.location[0] + 0.2, hand.location[1], hand.location[2] + 0.1)
    hand.keyframe_insert("location", frame=12)
    bpy.ops.jumps.resolve()
    settings = bpy.context.scene.jumps_rig
    settings.source, settings.target = result, make_figure("figure", MIXAMO)
    bpy.ops.jumps.lead_rig()


def select(ob: Any, bones: list[str]) -> None:
    """Select these bones alone."""
    for bone in ob.pose.bones:
        holder = bone if hasattr(bone, "select") else bone.bone
        holder.select = bone.name in bones


def keep_batch(tracks: Path, folder: Path) -> None:
    """What a batch leaves of a shot: its record, the report, and the result as JSON."""
    from jumps_blender.__main__ import main as command

    with tempfile.TemporaryDirectory() as place:
        status = command(["batch", str(tracks.parent), "-o", place, "--settings", "draft"])
        assert status == 0, status
        shutil.copytree(Path(place) / "shots", folder / "batch" / "shots", dirs_exist_ok=True)
        shutil.copyfile(Path(place) / "report.json", folder / "batch" / "report.json")


def keep_rig(folder: Path) -> None:
    """The mapping of the figure, as a preset."""
    bpy.ops.jumps.save_rig(preset="figure")
    (saved,) = Path(PROFILE.name).rglob("figure.json")
    shutil.copyfile(saved, folder / "rig.json")


def main() -> None:
    """Write all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where they go (default: tests/data/kept/VERSION)")
    folder = parser.parse_args().folder or REPOSITORY / "tests" / "data" / "kept" / version()
    if bpy.app.version[:2] != OLDEST:
        raise SystemExit(f"Found Blender {bpy.app.version_string}, expected {OLDEST[0]}.{OLDEST[1]}: see --help.")
    import addon_utils

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable(ADD_ON, default_set=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        tracks = excerpt(Path(place))
        perform(tracks)
        keep_rig(folder)
        keep_batch(tracks, folder)
    where = folder / "performance.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(where), compress=True, copy=True, relative_remap=False)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1000:.0f} kB")
    addon_utils.disable(ADD_ON)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
