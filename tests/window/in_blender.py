"""The story inside Blender, a bit at each tick of a timer: `blender --python in_blender.py -- ZIP PICTURES FOLDER`."""

from __future__ import annotations

import json
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.window import story  # noqa: E402  found beside this script only

sys.path.remove(str(REPOSITORY))  # the zip has to do without the checkout

ARCHIVE, PICTURES, FOLDER = (Path(word) for word in sys.argv[-3:])


def watch_panels(took: dict[str, list[float]]) -> None:
    """Note how long each of our panels takes to draw, in milliseconds."""
    for name in dir(bpy.types):
        if name.startswith("JUMPS_PT_"):
            panel = getattr(bpy.types, name)
            panel.draw = _timed(panel.draw, took.setdefault(name, []))


def _timed(draw: Callable[..., Any], took: list[float]) -> Callable[..., Any]:
    def timed(self: Any, context: Any) -> None:
        begin = time.perf_counter()
        draw(self, context)
        took.append(1000 * (time.perf_counter() - begin))

    return timed


def run() -> Any:
    """All steps, as one generator of waits."""
    tale = story.Tale(ARCHIVE, PICTURES, FOLDER)
    took: dict[str, list[float]] = {}
    for step in story.STEPS:
        begin = time.monotonic()
        yield from step(tale)
        if step is story.install:
            watch_panels(took)
        print("step", json.dumps({"step": step.__name__, "seconds": round(time.monotonic() - begin, 1)}), flush=True)
    for name, times in took.items():
        if times:
            typical = f"{statistics.median(times):.2f} ms, at most {max(times):.2f}"
            print(f"panel {name}: {typical} ({len(times)} times)", flush=True)
    print("window: done", flush=True)


RUNNING = run()


def tick() -> float | None:
    """Go on to the next wait."""
    try:
        return next(RUNNING)
    except StopIteration:
        bpy.ops.wm.quit_blender()
    except Exception:  # noqa: BLE001  whatever it is, Blender must not stay open
        traceback.print_exc()
        bpy.ops.wm.quit_blender()
    return None


bpy.context.preferences.view.show_splash = False
bpy.context.preferences.view.filebrowser_display_type = "SCREEN"  # in the same window
bpy.app.timers.register(tick, first_interval=3.0, persistent=True)
