"""`make demo`: the sample's tracks through the add-on's operators in Blender, then pictures of what Blender holds.

    python -m demo [--out FOLDER] [--settings NAME] [--jpeg FILE]

Leaves demo.blend, demo.png and demo.mp4 in the folder (out/). The README's picture is renewed by
`--jpeg docs/images/demo.jpg`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from . import pictures, video
from .blender_job import Job, Outcome, Shown
from .drawing import Motion, save_jpeg

SAMPLE = Path(__file__).resolve().parents[1] / "jumps_blender" / "samples" / "rooftop_coco17.json"
JPEG_WIDTH = 1000
WORDS = "left: keypoints of the estimator, imported · right: the 28 joints, upsampled"


def run_in_blender(job: Job) -> Outcome:
    """Run the operators in a Blender of their own, with an empty profile. Raises SystemExit with its words."""
    with tempfile.TemporaryDirectory(prefix="jumps-demo-") as profile:
        described = Path(profile) / "job.json"
        described.write_text(job.to_json(), encoding="utf-8")
        environment = {**os.environ, "BLENDER_USER_RESOURCES": profile}
        command = [sys.executable, "-m", "demo.blender_job", str(described)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"The Blender part of the demo failed:\n{done.stdout}{done.stderr}")
        return Outcome.load(described.with_suffix(".npz"))


def to_draw(person: Shown, frames: int) -> pictures.Person:
    """The joints to draw over `frames` frames of the video: of the input those that the estimator saw, and all 28."""
    around = (person.first_frame, frames - person.first_frame - len(person.result))
    shown = np.ones(person.result.shape[:2], bool)
    motions = (
        Motion(names, np.pad(positions, (around, (0, 0), (0, 0)), mode="edge"), np.pad(visible, (around, (0, 0))))
        for names, positions, visible in (
            (person.source_names, person.source, person.observed),
            (person.result_names, person.result, shown),
        )
    )
    return pictures.Person(person.id, *motions)


def draw(outcome: Outcome, out: Path) -> None:
    """Write demo.png and demo.mp4."""
    frames = max(person.first_frame + len(person.result) for person in outcome.people)
    people = tuple(to_draw(person, frames) for person in outcome.people)
    clip = video.fetch(out / "cache")
    wanted = {frame for person in people for frame in person.chosen()}
    backgrounds = {i: b for i, b in enumerate(video.frames(clip, frames, outcome.image_size)) if i in wanted}
    pictures.contact_sheet(backgrounds, people, WORDS).save(out / "demo.png")
    shown = pictures.film(video.frames(clip, frames, outcome.image_size), people, WORDS)
    video.write(out / "demo.mp4", shown, pictures.FILM, outcome.fps)


def write_jpeg(sheet: Path, path: Path) -> None:
    """Write the contact sheet small enough for a README."""
    with Image.open(sheet) as picture:
        size = (JPEG_WIDTH, round(picture.height * JPEG_WIDTH / picture.width))
        save_jpeg(picture.convert("RGB").resize(size, Image.Resampling.LANCZOS), path)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out"), help="where the files go")
    parser.add_argument("--settings", default="default", help="preset of the solver: draft, default, best, paper")
    parser.add_argument("--jpeg", type=Path, help="also write the contact sheet, smaller, to this file")
    options = parser.parse_args()
    (options.out / "cache").mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    print(f"Importing and upsampling {SAMPLE.name} in Blender", flush=True)
    outcome = run_in_blender(Job(str(SAMPLE), str((options.out / "demo.blend").resolve()), options.settings))
    print("Drawing", flush=True)
    draw(outcome, options.out)
    if options.jpeg:
        write_jpeg(options.out / "demo.png", options.jpeg)
    for person in outcome.people:
        told = person.report
        print(f"Person {person.id}: {len(person.result)} frames in {told['seconds']:.1f} s on {told['device']}")
    print(f"{time.monotonic() - begin:.0f} s in all. Look at:")
    for name in ("demo.blend", "demo.png", "demo.mp4"):
        print(f"  {options.out / name}")


if __name__ == "__main__":
    main()
