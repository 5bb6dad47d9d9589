"""Every step of the panel by its operator, without a window: import, upsample, move a joint, let the rest follow.

With Blender and the extension:

    blender -b --python-exit-code 1 --python examples/edit_result.py -- tracks.json -o out.blend --frame 40

With Blender as a Python module (pip install bpy): python examples/edit_result.py tracks.json -o out.blend --frame 40

For whole folders of files there is `blender -c jumps batch` (docs/batch.md), which needs no script.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import bpy

CHECKOUT = Path(__file__).resolve().parents[1]
ADD_ON = "jumps_blender"


def options() -> argparse.Namespace:
    """What the user asked for: in Blender, what follows "--"."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:] * (not in_blender())
    parser = argparse.ArgumentParser(prog="edit_result.py", description="Upsample, then move a joint.")
    parser.add_argument("tracks", type=Path, help="a keypoint file, a folder of frames, or a zip")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .blend file to write")
    parser.add_argument("--frame", type=int, default=10, help="scene frame at which the joint is moved")
    parser.add_argument("--joint", default="right_hand", help="one of the 28 joints")
    parser.add_argument("--by", type=float, nargs=2, default=(0.2, 0.1), metavar=("X", "Z"), help="in metres")
    return parser.parse_args(words)


def in_blender() -> bool:
    """Whether Blender runs this script, not Python."""
    return bool(bpy.app.binary_path)


def enable_add_on() -> str | None:
    """Make the operators known; the module to disable at the end, None where the user had it enabled."""
    if "import_tracks" in dir(bpy.ops.jumps):
        return None
    import addon_utils  # a module of Blender's, known once bpy was imported

    sys.path.insert(0, str(CHECKOUT))
    addon_utils.enable(ADD_ON, default_set=True)
    return ADD_ON


def made(before: set[str]) -> Any:
    """The armature that an operator has just made."""
    (name,) = set(bpy.data.objects.keys()) - before
    return bpy.data.objects[name]


def upsample(tracks: Path) -> Any:
    """Import the person seen best and upsample it; the result, which is active then."""
    bpy.ops.jumps.import_tracks(filepath=str(tracks))  # the import is selected and active
    before = set(bpy.data.objects.keys())
    bpy.ops.jumps.upsample(settings="default")
    result = made(before)
    bpy.context.view_layer.objects.active = result
    return result


def move(result: Any, joint: str, frame: int, by: tuple[float, float]) -> None:
    """Move a joint and key it, as an animator does, then let the motion around it follow: the joint is a pin now."""
    bpy.context.scene.frame_set(frame)
    bone = result.pose.bones[joint]
    bone.location = (bone.location[0] + by[0], bone.location[1], bone.location[2] + by[1])
    bone.keyframe_insert("location", frame=frame)
    bpy.ops.jumps.resolve()


def main() -> None:
    """Run; a class that stays registered keeps some versions of the module from ending, so take the add-on back."""
    wanted = options()
    if not in_blender():
        bpy.ops.wm.read_factory_settings(use_empty=True)
    module = enable_add_on()
    try:
        result = upsample(wanted.tracks)
        move(result, wanted.joint, wanted.frame, wanted.by)
        bpy.ops.wm.save_as_mainfile(filepath=str(wanted.output.resolve()), compress=True, copy=True)
        print(f"Wrote {wanted.output}: {wanted.joint} of {result.name!r} is pinned at frame {wanted.frame}")
    except RuntimeError as error:
        sys.exit(str(error).strip())
    finally:
        if module:
            import addon_utils

            addon_utils.disable(module, default_set=True)


if __name__ == "__main__":
    main()
