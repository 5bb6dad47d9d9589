"""The contact sheet and the film: what went into Blender beside what came out, over the video's frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from .drawing import Motion, draw_pose, legend, write_text

PAIRS_PER_PERSON = 8
PAIRS_PER_ROW = 4
CELL = (232, 290)
"""Width and height of one cut-out of the sheet, pixels."""
GAP = 10
HALF = (884, 496)
STRIP = 32
FILM = (2 * HALF[0], STRIP + HALF[1])
"""Width and height of the film, pixels: two halves and the legend above them."""
LINE = 5.0
"""Width of a limb in pixels of the video."""


@dataclass(frozen=True)
class Person:
    """One person of the sample: the imported tracks and the upsampled motion, frame by frame of the video."""

    name: str
    source: Motion
    result: Motion

    def seen(self) -> np.ndarray:
        """Frames in which the input shows at least half of its joints."""
        return np.flatnonzero(self.source.shown.mean(1) >= 0.5)

    def chosen(self) -> list[int]:
        """Frames for the sheet, evenly from the first to the last that the person is seen in."""
        seen = self.seen()
        return [int(seen[0] + (seen[-1] - seen[0]) * i / (PAIRS_PER_PERSON - 1)) for i in range(PAIRS_PER_PERSON)]


def calm(picture: Image.Image) -> Image.Image:
    """The video's frame, paler and darker, so that lines stand out."""
    return ImageEnhance.Brightness(ImageEnhance.Color(picture).enhance(0.55)).enhance(0.75)


def film(backgrounds: Iterable[Image.Image], people: tuple[Person, ...], words: str) -> Iterator[Image.Image]:
    """Pictures of the film: the input at the left, the 28 joints at the right, a legend above."""
    strip = legend(FILM[0], STRIP, words)
    for frame, background in enumerate(backgrounds):
        picture = Image.new("RGB", FILM)
        picture.paste(strip)
        for half, side in enumerate(("source", "result")):
            drawn = calm(background)
            for person in people:
                draw_pose(drawn, getattr(person, side), frame, LINE)
            picture.paste(drawn.resize(HALF, Image.Resampling.LANCZOS), (half * HALF[0], STRIP))
        write_text(picture, (10, STRIP + 6), f"frame {frame}", 20)
        yield picture


def contact_sheet(backgrounds: dict[int, Image.Image], people: tuple[Person, ...], words: str) -> Image.Image:
    """Pairs of cut-outs, the input at the left and the 28 joints at the right: some rows for each person."""
    rows = [
        chosen[i : i + PAIRS_PER_ROW]
        for chosen in [p.chosen() for p in people]
        for i in range(0, len(chosen), PAIRS_PER_ROW)
    ]
    owners = [person for person in people for _ in range(0, PAIRS_PER_PERSON, PAIRS_PER_ROW)]
    pair = 2 * CELL[0] + GAP
    strip = legend(PAIRS_PER_ROW * pair + GAP, 44, words)
    sheet = Image.new("RGB", (strip.width, strip.height + GAP + len(rows) * (CELL[1] + GAP)), (24, 25, 28))
    sheet.paste(strip)
    for row, (person, frames) in enumerate(zip(owners, rows, strict=True)):
        for column, frame in enumerate(frames):
            top, left = strip.height + GAP + row * (CELL[1] + GAP), GAP + column * pair
            for half, motion in enumerate((person.source, person.result)):
                cell = cut_out(backgrounds[frame], person, motion, frame)
                if half == 0:
                    write_text(cell, (6, 4), str(frame), 18)
                sheet.paste(cell, (left + half * CELL[0], top))
    return sheet


def cut_out(background: Image.Image, person: Person, motion: Motion, frame: int) -> Image.Image:
    """One cell of the sheet: the surroundings of the person with one of the two motions, scaled to the cell."""
    sizes = np.ptp(person.result.positions, axis=1)
    scale = max(np.percentile(sizes[:, 0], 95) / CELL[0], np.percentile(sizes[:, 1], 95) / CELL[1]) * 1.15
    size = np.array(CELL) * scale
    pose = person.result.positions[frame]
    corner = np.clip((pose.min(0) + pose.max(0) - size) / 2, 0, np.maximum(background.size - size, 0))
    drawn = calm(background)
    draw_pose(drawn, motion, frame, LINE)
    box = (*corner, *np.minimum(corner + size, background.size))
    return drawn.resize(CELL, Image.Resampling.LANCZOS, box)
