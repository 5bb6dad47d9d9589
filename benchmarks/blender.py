"""Measure the add-on in Blender: `python -m benchmarks.blender`, in a Python that has bpy.

Everything goes through the add-on's own doors: the import's operator, and the job that the panel's button starts, whose
slices of work are timed one by one. Each length is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from .frames import forget, write_frames
from .machine import cores, cpu_name
from .processes import REPOSITORY
from .report import grid
from .tasks import tasks_in_slices
from .took import Took

SAMPLE: Final = REPOSITORY / "jumps_blender" / "samples" / "rooftop_coco17.json"

REDRAWS: Final = 50

BARS: Final = {"import": 2.0, "keys": 0.5, "block": 0.05, "redraw": 0.005, "overlay": 0.001}
"""Seconds that each may take for 10,000 frames."""


@dataclass
class Found:
    """What was measured of a clip.

    `folder`: import of a file for each frame, `cold` where the system held none of them in memory, None where it cannot
    be asked to; `slices`: of each kind of work during a solve, by what the panel says of it, the longest in which
    Blender waited; `solve` in seconds; `tracks_redraw` and `first_redraw`, of an import and of a result that were never
    shown; `overlay`, the rings and bars of a frame; `memory` in bytes, which the scene holds; `led` and `baked`, a rig,
    and the longest block of the latter; `tasks`, by the button's name, the longest block of what goes on in slices
    beside.
    """

    frames: int
    blender: str
    imported: Took
    folder: Took
    cold: Took | None
    keys: Took
    slices: dict[str, Took]
    solve: float
    tracks_redraw: Took
    first_redraw: Took
    redraw: Took
    overlay: Took
    memory: int
    led: Took
    baked: Took
    bake_block: Took
    tasks: dict[str, Took]

    @classmethod
    def read(cls, text: str) -> Found:
        """What another process printed."""
        told = json.loads(text)
        for name, kind in cls.__annotations__.items():
            if kind.startswith("Took") and told[name] is not None:
                told[name] = Took(**told[name])
        for name in ("slices", "tasks"):
            told[name] = {part: Took(**took) for part, took in told[name].items()}
        return cls(**told)

    @property
    def block(self) -> Took:
        """The longest slice of all."""
        return max(self.slices.values(), key=lambda took: took.processor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blender", description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=10_000, help="length of the clip (default: %(default)s)")
    parser.add_argument("--python", default=sys.executable, help="a Python that has bpy (default: this one)")
    parser.add_argument("--alone", action="store_true", help="measure this length only, and print JSON")
    options = parser.parse_args(arguments)
    if options.alone:
        print(json.dumps(asdict(measure(options.frames))))
        return 0
    lengths = [max(options.frames // part, 1) for part in (4, 2, 1)]
    print("\n".join(report([_apart(options.python, frames) for frames in lengths])))
    return 0


def report(found: list[Found]) -> list[str]:
    """The table, in Markdown, of several lengths; the last is held against the bars."""
    last = found[-1]
    rows = [
        ("import", *(_text(one.imported) for one in found), _bar(last.imported, "import")),
        ("import of a folder, a file for each frame", *(_text(one.folder) for one in found),
         _bar(last.folder, "import")),
        ("the same, from the disk", *(_text(one.cold) for one in found), ""),
        ("28 joints keyed", *(_text(one.keys) for one in found), _bar(last.keys, "keys")),
        ("longest block while solving", *(_text(one.block) for one in found), _bar(last.block, "block")),
        ("panels drawn", *(_text(one.redraw) for one in found), _bar(last.redraw, "redraw")),
        ("panels drawn, an import's first time", *(_text(one.tracks_redraw) for one in found), ""),
        ("panels drawn, a new result's first time", *(_text(one.first_redraw) for one in found), ""),
        ("uncertainty of a frame as rings", *(_text(one.overlay) for one in found), _bar(last.overlay, "overlay")),
        ("memory of the scene", *(f"{one.memory / 2**20:.0f} MB" for one in found), "linear"),
        ("from button to result", *(f"{one.solve:.1f} s" for one in found), ""),
        ("a rig of 22 bones led", *(_text(one.led) for one in found), ""),
        ("its motion baked to keys", *(_text(one.baked) for one in found), ""),
        ("longest block while baking", *(_text(one.bake_block) for one in found), _bar(last.bake_block, "block")),
        *((f"longest block: {name}", *(_text(one.tasks[name]) for one in found), _bar(last.tasks[name], "block"))
          for name in last.tasks),
    ]  # fmt: skip
    slices = "; ".join(f"{name} {_text(took)}" for name, took in last.slices.items())
    return [
        f"Blender {last.blender}, {cpu_name()}, {cores()} cores. Times of a processor; in brackets those by the clock.",
        "",
        *grid(("", *(f"{one.frames:,} frames" for one in found), "wanted"), rows),
        "",
        f"Longest blocks of {last.frames:,} frames: {slices}.",
    ]


def _bar(took: Took, name: str) -> str:
    """What is wanted, and whether it is met."""
    return f"{_time(BARS[name])}: {'met' if took.processor <= BARS[name] else '**missed**'}"


def _text(took: Took | None) -> str:
    return "-" if took is None else f"{_time(took.processor)} ({_time(took.clock)})"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.2 else f"{1000 * seconds:.{0 if seconds >= 0.01 else 1}f} ms"


def _apart(python: str, frames: int) -> Found:
    command = [python, "-m", "benchmarks.blender", "--alone", "--frames", str(frames)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode:
        sys.exit(f"python -m benchmarks.blender: {frames} frames cannot be measured:\n{done.stderr.strip()[-2000:]}")
    return Found.read(done.stdout.strip().splitlines()[-1])


def measure(frames: int) -> Found:
    """Import a clip, solve it as the panel's button does, and draw the panels; in this process."""
    bpy: Any = import_module("bpy")
    addons: Any = import_module("addon_utils")  # known once bpy is there
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addons.enable("jumps_blender", default_set=True)
    with tempfile.TemporaryDirectory() as folder:
        path = write_clip(Path(folder), frames)
        one_by_one = write_frames(Path(folder), json.loads(path.read_text(encoding="utf-8"))["people"][0])
        cold = import_folder(bpy, one_by_one) if forget(one_by_one) else None
        warm = import_folder(bpy, one_by_one)
        bpy.context.scene.render.fps = 30
        before = _resident()
        imported = Took.of(lambda: bpy.ops.jumps.import_tracks(filepath=str(path)))
    source = bpy.context.view_layer.objects.active
    bpy.context.view_layer.update()  # tells of new keys, as before a redraw
    (tracks_redraw,) = draw_panels(bpy, 1)
    bpy.ops.ed.undo_push(message="imported")
    begin = time.perf_counter()
    slices = solve_in_slices(bpy)
    solve = time.perf_counter() - begin
    slices["step of undo"] = Took.of(lambda: bpy.ops.ed.undo_push(message="solved"))
    memory = _resident() - before
    first, *redraws = draw_panels(bpy)
    redraw = max(redraws, key=lambda took: took.processor)
    result = bpy.context.view_layer.objects.active
    tasks = tasks_in_slices(bpy, source, result, lambda: draw_panels(bpy, 1))
    overlay = draw_overlay(bpy)
    led, baked = lead_and_bake(bpy)
    keys = key_joints(bpy, frames)
    addons.disable("jumps_blender", default_set=True)
    longest = max(baked, key=lambda each: each.processor)
    return Found(
        frames, bpy.app.version_string, imported, warm, cold, keys, slices, solve, tracks_redraw, first, redraw,
        overlay, memory, led, Took.all_of(baked), longest, tasks,
    )  # fmt: skip


def write_clip(folder: Path, frames: int) -> Path:
    """The sample's first person to and fro, as a file of so many frames."""
    document = json.loads(SAMPLE.read_text(encoding="utf-8"))
    person = document["people"][0]
    there = list(range(len(person["positions"])))
    order = [(there + there[::-1])[i % (2 * len(there))] for i in range(frames)]
    for name in ("positions", "confidence"):
        person[name] = [person[name][i] for i in order]
    document["people"] = [person]
    (folder / "clip.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "clip.json"


def import_folder(bpy: Any, folder: Path) -> Took:
    """Import a folder of frames; the scene is empty again afterwards. Threads read, so all of them count."""
    first = str(min(folder.iterdir()))
    took = Took.of(lambda: bpy.ops.jumps.import_tracks(filepath=first, whole_folder=True), time.process_time)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return took


def lead_and_bake(bpy: Any) -> tuple[Took, list[Took]]:
    """Let the active result lead a figure of Mixamo's, and bake that as the button does, slice by slice."""
    from demo.figures import MIXAMO, make_figure
    from jumps_blender.blender.retarget.bake import baking
    from jumps_blender.ui.operators.bake_rig import SLICE

    result = bpy.context.view_layer.objects.active
    figure = make_figure("figure", MIXAMO)
    led = Took.of(lambda: bpy.ops.jumps.lead_rig(source=result.name, target=figure.name))
    slices = baking(bpy.context, lambda: figure, lambda _fraction: None, SLICE)
    took: list[Took] = []
    said: list[object] = []
    while "" not in said:
        took.append(Took.of(lambda: said.append(next(slices, ""))))
    bpy.context.view_layer.objects.active = result
    return led, took


def solve_in_slices(bpy: Any) -> dict[str, Took]:
    """Upsample the active armature as the button does, and make the result active: the longest slice of each kind."""
    from jumps_blender.blender.records import Choices
    from jumps_blender.ui.jobs import STATE, Job
    from jumps_blender.ui.operators.upsample import TICK

    longest: dict[str, Took] = {}
    made: list[Any] = []
    job = Job.begin(bpy.context, Choices())
    while not any(made):
        doing = "solving" if job.worker and job.pace.frames and "riting" not in job.text else job.text.lower()
        took = Took.of(lambda: made.append(job.advance()))
        longest[doing] = max(took, longest.get(doing, took), key=lambda each: each.processor)
        time.sleep(TICK)
    STATE.end("done")
    bpy.context.view_layer.objects.active = made[-1].find()
    return longest


def draw_panels(bpy: Any, times: int = REDRAWS) -> list[Took]:
    """What each drawing of all the panels takes of Python, on a layout that draws nothing."""
    from jumps_blender.ui.registration import CLASSES

    panels: list[Any] = [cls for cls in CLASSES if issubclass(cls, bpy.types.Panel)]

    def draw() -> None:
        for panel in panels:
            if not hasattr(panel, "poll") or panel.poll(bpy.context):
                panel.draw(_Drawn(), bpy.context)

    return [Took.of(draw) for _ in range(times)]


def draw_overlay(bpy: Any) -> Took:
    """The most that it takes to work out what is drawn on a frame of a result whose feet are held where they stand."""
    from jumps_blender.ui.overlay import lines_of

    ob, scene, took = bpy.context.view_layer.objects.active, bpy.context.scene, []
    with suppress(RuntimeError):  # nobody stands still in a clip that is too short
        bpy.ops.jumps.lock_feet()
    for frame in range(1, REDRAWS + 2):
        scene.frame_set(frame)
        evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
        took.append(Took.of(partial(lines_of, ob, evaluated, scene)))
    return max(took[1:], key=lambda each: each.processor)  # what is stored is unpacked once


class _Blank:
    """A layout on which everything can be drawn, and leaves no trace."""

    def __getattr__(self, _name: str) -> Callable[..., _Blank]:
        return lambda *_arguments, **_options: _Blank()


class _Drawn:
    """A panel while it is drawn."""

    layout: Any = _Blank()


def key_joints(bpy: Any, frames: int) -> Took:
    """What it takes to key 28 joints in so many frames, in a new Action."""
    from jumps_blender.blender.scene.actions import write_keys
    from jumps_blender.blender.tracks.armature import joint_curves
    from jumps_blender.core.body.skeleton import JOINTS

    points = np.random.default_rng(0).normal(size=(frames, len(JOINTS), 2))
    ob = bpy.context.view_layer.objects.active
    return Took.of(lambda: write_keys(ob, "keys", joint_curves(JOINTS, points, np.arange(1.0, frames + 1))))


def _resident() -> int:
    """Bytes of memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * 4096


if __name__ == "__main__":
    sys.exit(main())
