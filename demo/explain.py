"""The pictures of docs/solver.md, made of the sample's two people.

    python -m demo.explain [--out FOLDER]

Draws curves with what `make environment` installs, which the demo itself does without.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from PIL import Image, ImageDraw

from jumps_blender.core import Upsampler
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.body.tracks import Tracks
from jumps_blender.core.result import Result
from jumps_blender.formats import read
from trainer.evaluation.drawing import QUIET, SHADE, figure

from . import video
from .__main__ import SAMPLE
from .drawing import Motion, draw_pose, save_jpeg, write_text
from .pictures import LINE, calm

SIZE: Final = (1768, 994)
"""Of the video, pixels."""
CELL: Final = (198, 252)
"""Width and height of one cut-out, pixels."""
GAP: Final = 8
TITLES: Final = ("seen", "not believed", "draft", "default, ± 2 std")
WRONG: Final = (255, 60, 60)
SPREAD: Final = (255, 232, 90)

HEIGHT: Final = 2.3
"""Inches of a figure of curves."""
SEEN, FIRST, SECOND, THIRD = "#888888", "#0072b2", "#d55e00", "#009e73"


@dataclass(frozen=True)
class Scene:
    """One person of the sample in one frame of the video."""

    person: str
    frame: int


STEPS: Final = (Scene("2", 181), Scene("1", 162), Scene("1", 138))
"""A point that is rightly not believed, a moment at which nothing was seen, and one of which too much is wrong."""


def solve(upsampler: Upsampler, tracks: Tracks, **changes: Any) -> Result:
    """The answer to someone's tracks."""
    positions = changes.pop("positions", tracks.positions)
    asked: dict[str, Any] = {
        "joint_set": tracks.joint_set, "confidence": tracks.confidence, "fps": tracks.fps or 25.0, **changes
    }  # fmt: skip
    return upsampler.upsample(positions, **asked)


def draw_steps(upsampler: Upsampler, people: dict[str, Tracks], cache: Path, path: Path) -> None:
    """What was seen, what of it is not believed, and two answers, over the video."""
    clip = video.fetch(cache)
    rows = []
    for scene in STEPS:
        tracks = people[scene.person]
        *_, background = video.frames(clip, scene.frame + 1, tracks.image_size or SIZE)
        rows.append(draw_row(upsampler, tracks, scene, background))
    width, top = len(TITLES) * (CELL[0] + GAP) + GAP, 30
    sheet = Image.new("RGB", (width, top + len(rows) * (CELL[1] + GAP)), (24, 25, 28))
    for column, title in enumerate(TITLES):
        write_text(sheet, (GAP + column * (CELL[0] + GAP), 5), title, 18)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.paste(cell, (GAP + column * (CELL[0] + GAP), top + row * (CELL[1] + GAP)))
    save_jpeg(sheet, path)


def draw_row(upsampler: Upsampler, tracks: Tracks, scene: Scene, background: Image.Image) -> list[Image.Image]:
    """The cells of one scene, one for each of TITLES."""
    default, draft = solve(upsampler, tracks), solve(upsampler, tracks, settings="draft")
    at = scene.frame - tracks.first_frame
    believed = tracks.observed & ~default.rejected
    shown = np.ones(default.positions.shape[:2], bool)
    motions = [
        Motion(tracks.joint_set.joints, tracks.positions, tracks.observed),
        Motion(tracks.joint_set.joints, tracks.positions, believed),
        Motion(JOINTS, draft.positions, shown),
        Motion(JOINTS, default.positions, shown),
    ]
    cells = []
    for number, motion in enumerate(motions):
        drawn = calm(background)
        if number == 3:
            _circles(drawn, default, at)
        draw_pose(drawn, motion, at, LINE)
        if number == 1:
            _crosses(drawn, tracks.positions[at][default.rejected[at]])
        cells.append(_cut_out(drawn, default.positions[at]))
    write_text(cells[0], (6, 4), f"frame {scene.frame}", 18)
    return cells


def _cut_out(picture: Image.Image, pose: np.ndarray) -> Image.Image:
    low, high = pose.min(0), pose.max(0)
    size = np.array(CELL) * min(1.3 * ((high - low) / CELL).max(), picture.height / CELL[1])
    corner = np.clip((low + high - size) / 2, 0, np.array(picture.size) - size)
    return picture.resize(CELL, Image.Resampling.LANCZOS, (*corner, *(corner + size)))


def _circles(picture: Image.Image, result: Result, frame: int) -> None:
    assert result.std is not None
    glass = Image.new("RGBA", picture.size)
    for point, spread in zip(result.positions[frame], result.std[frame], strict=True):
        ImageDraw.Draw(glass).circle(tuple(point), 2 * spread, outline=(*SPREAD, 255), width=2)
    picture.paste(glass, mask=glass)


def _crosses(picture: Image.Image, points: np.ndarray) -> None:
    draw = ImageDraw.Draw(picture)
    for x, y in points:
        for sign in (-1, 1):
            draw.line([(x - 16, y - 16 * sign), (x + 16, y + 16 * sign)], fill=WRONG, width=6)


def draw_smoothness(upsampler: Upsampler, tracks: Tracks, path: Path) -> None:
    """A wrist under three values of the slider."""
    name, frames = "left_wrist", slice(60, 130)
    with figure(path, HEIGHT) as drawn:
        axes = _axes(drawn.add_subplot(), tracks, name, frames)
        for smoothness, colour in ((0.0, SECOND), (0.6, FIRST), (1.0, THIRD)):
            found = solve(upsampler, tracks, smoothness=smoothness).positions
            said = f"smoothness {smoothness:g}" + (" (usual)" if smoothness == 0.6 else "")
            axes.plot(_numbers(tracks, frames), found[frames, JOINTS.index(name), 1], color=colour, label=said)
        axes.legend(ncols=4)


def draw_pin(upsampler: Upsampler, tracks: Tracks, path: Path) -> None:
    """A wrist that was moved and pinned, and what else follows it."""
    name, at, frames, by = "left_wrist", 95, slice(70, 120), np.array([0.0, -40.0])
    before = solve(upsampler, tracks)
    moved, pinned = tracks.positions.copy(), np.zeros(tracks.observed.shape, bool)
    joint, numbers = JOINTS.index(name), _numbers(tracks, frames)
    point = tracks.joint_set.joints.index(name)
    moved[at, point] = before.positions[at, joint] + by
    pinned[at, point] = True
    after = solve(upsampler, tracks, positions=moved, pinned=pinned)
    with figure(path, HEIGHT) as drawn:
        left, right = drawn.subplots(1, 2)
        _axes(left, tracks, name, frames)
        for result, colour, said in ((before, SEEN, "before"), (after, FIRST, "with the pin")):
            left.plot(numbers, result.positions[frames, joint, 1], color=colour, label=said)
        left.plot(at + tracks.first_frame, moved[at, point, 1], "D", color=SECOND, label="pin")
        left.legend()
        change = np.linalg.norm(after.positions - before.positions, axis=-1)
        for other, colour in (("left_wrist", FIRST), ("left_hand", SECOND), ("left_elbow", THIRD), ("spine3", SEEN)):
            right.plot(numbers, change[frames, JOINTS.index(other)], color=colour, label=other.replace("_", " "))
        right.set(xlabel="frame", ylabel="pixels that it moved")
        right.legend()


def draw_hidden(upsampler: Upsampler, tracks: Tracks, path: Path) -> None:
    """A forearm that is kept from the solver for a while, with the spread that is stated."""
    name, frames, hidden = "left_wrist", slice(60, 130), slice(85, 106)
    held_back = tracks.positions.copy()
    for each in ("left_elbow", "left_wrist"):
        held_back[hidden, tracks.joint_set.joints.index(each)] = np.nan
    result = solve(upsampler, tracks, positions=held_back)
    assert result.std is not None
    joint, numbers = JOINTS.index(name), _numbers(tracks, frames)
    with figure(path, HEIGHT) as drawn:
        axes = drawn.add_subplot()
        first = tracks.first_frame
        axes.axvspan(first + hidden.start - 0.5, first + hidden.stop - 0.5, color=SHADE, label="elbow and wrist hidden")
        _axes(axes, tracks, name, frames)
        line, std = result.positions[frames, joint, 1], result.std[frames, joint]
        for times, share in ((2, 0.15), (1, 0.3)):
            band = (line - times * std, line + times * std)
            axes.fill_between(numbers, *band, color=FIRST, alpha=share, linewidth=0, label=f"± {times} std")
        axes.plot(numbers, line, color=FIRST, label="default")
        axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.18))


def draw_seams(upsampler: Upsampler, tracks: Tracks, path: Path) -> None:
    """How far stretches of about one window, solved alone, are from the whole."""
    name, frames, length = "left_foot", slice(60, 130), 28
    whole = solve(upsampler, tracks)
    joint = JOINTS.index(name)
    with figure(path, HEIGHT) as drawn:
        axes = drawn.add_subplot()
        for number, start in enumerate(range(frames.start, frames.stop - length + 1, length // 2)):
            part = slice(start, start + length)
            alone = solve(
                upsampler, tracks, positions=tracks.positions[part], confidence=tracks.confidence[part],
                estimates=whole.estimates, first_frame=start,
            )  # fmt: skip
            apart = np.linalg.norm(alone.positions[:, joint] - whole.positions[part, joint], axis=-1)
            axes.plot(_numbers(tracks, part), apart, color=(FIRST, SECOND)[number % 2])
        axes.set(xlabel="frame", ylabel="pixels from the blend", ylim=(0, None))


def _numbers(tracks: Tracks, frames: slice) -> np.ndarray:
    return tracks.first_frame + np.arange(frames.start, frames.stop)


def _axes(axes: Axes, tracks: Tracks, name: str, frames: slice) -> Axes:
    """Axes with what a detector says of a joint's height; up is up."""
    point = tracks.joint_set.joints.index(name)
    seen = np.where(tracks.observed[frames, point], tracks.positions[frames, point, 1], np.nan)
    axes.plot(_numbers(tracks, frames), seen, ".", color=QUIET, markersize=3.5, label="detector")
    axes.set(xlabel="frame", ylabel=f"{name.replace('_', ' ')}, y in pixels")
    axes.invert_yaxis()
    return axes


STEPS_NAME: Final = "solver_steps.jpg"
CURVES: Final[dict[str, Callable[[Upsampler, Tracks, Path], None]]] = {
    "solver_smoothness.png": draw_smoothness,
    "solver_pin.png": draw_pin,
    "solver_hidden.png": draw_hidden,
    "solver_seams.png": draw_seams,
}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="where the pictures go")
    parser.add_argument("--cache", type=Path, default=Path("out/cache"), help="where the video is kept")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)
    recording, upsampler = read(SAMPLE), Upsampler.load(engine="numpy")
    people = {person.id: recording.tracks(person.id) for person in recording.people}
    draw_steps(upsampler, people, options.cache, options.out / STEPS_NAME)
    for name, draw in CURVES.items():
        draw(upsampler, people["2"], options.out / name)


if __name__ == "__main__":
    main()
