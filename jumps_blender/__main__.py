"""Command line: `python -m jumps_blender inspect FILE`, `... upsample TRACKS -o OUT`, `... batch FOLDER -o OUT`, ..."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from .batch.arguments import Parser, naming, rate, share, show_any_name, size
from .batch.command import add_options, command
from .core.body.tracks import CONFIDENCE_THRESHOLD
from .core.clips.clip import describe_gaps
from .core.settings import find_settings
from .errors import InputError, JumpsError
from .formats import TITLES, UPS, VIEWS, Recording, read
from .formats.export import check_writable, write_result

ASSUMED_FPS: Final = 25.0
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130


def _parser(program: str) -> argparse.ArgumentParser:
    parser = Parser(prog=program, description="2D keypoint tracks become 28 joints.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    inspect = commands.add_parser("inspect", help="say what a keypoint file holds")
    _add_reading(inspect)
    inspect.add_argument("--json", action="store_true", help="as JSON, for other programs")
    inspect.set_defaults(run=_inspect)

    upsample = commands.add_parser("upsample", help="make 28 joints of one person's keypoints")
    _add_reading(upsample)
    upsample.add_argument("-o", "--output", required=True, metavar="OUT", help="a .json or .csv file")
    upsample.add_argument("--person", metavar="ID", help="as `inspect` lists them; default: the most confident one")
    upsample.add_argument("--fps", type=rate, metavar="F", help="frames per second; default: the file's")
    upsample.add_argument("--image-size", type=size, metavar="WxH", help="in pixels, for coordinates 0 to 1")
    upsample.add_argument("--settings", default="default", metavar="S", help="paper, draft, default or best")
    upsample.add_argument(
        "--smoothness", type=share, metavar="S", help="0 follows the detector, 1 the model of human motion"
    )
    upsample.add_argument("--device", default="auto", metavar="D", help="auto, cpu; cuda ... with --engine torch")
    upsample.add_argument("--engine", default="numpy", metavar="E", help="numpy, torch, or auto: the fastest here")
    upsample.add_argument("--seed", type=int, default=0, metavar="N", help="of the random starts; default 0")
    upsample.set_defaults(run=_upsample)

    batch = commands.add_parser("batch", help="do so with all people of all files of a folder, and report")
    add_options(batch)
    batch.set_defaults(run=command)

    diagnostics = commands.add_parser("diagnostics", help="say what runs where, for a bug report")
    diagnostics.add_argument("--interpreter", default=sys.executable, metavar="P", help="the Python that solves")
    diagnostics.set_defaults(run=_diagnose)
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="keypoint file, folder of frames, or zip of either")
    parser.add_argument("--joint-set", metavar="J", help="wins over what the file looks like: coco17, body25b ...")
    parser.add_argument(
        "--threshold", type=share, default=CONFIDENCE_THRESHOLD, metavar="T",
        help=f"confidence below which a point counts as not observed; default {CONFIDENCE_THRESHOLD}",
    )  # fmt: skip
    parser.add_argument("--salvage", action="store_true", help="of a damaged file, read the part that is whole")
    parser.add_argument(
        "--name", action="append", type=naming, default=[], metavar="THEIRS=JOINT",
        help="what a point of the file is, such as Snout=nose; THEIRS= leaves it out; may be repeated",
    )  # fmt: skip
    parser.add_argument("--view", choices=VIEWS, default="auto", help="side from which three dimensions are seen")
    parser.add_argument("--up", choices=UPS, default="auto", help="axis that points up in three dimensions")


def _read(options: argparse.Namespace) -> Recording:
    names, view, up = dict(options.name), options.view, options.up
    return read(options.file, options.joint_set, options.salvage, options.threshold, names, view, up)


def _inspect(options: argparse.Namespace) -> None:
    recording = _read(options)
    if options.json:
        print(json.dumps(_as_json(recording), indent=1))
    else:
        print("\n".join(_as_text(recording)))


def _as_json(recording: Recording) -> dict[str, Any]:
    return {
        "format": recording.format,
        "joint_set": recording.joint_set.id,
        "image_size": list(recording.image_size) if recording.image_size else None,
        "fps": recording.fps,
        "first_frame": recording.first_frame,
        "last_frame": recording.last_frame,
        "people": [
            {"id": person.id, "frames": person.frames, "mean_confidence": round(person.mean_confidence, 4)}
            for person in recording.people
        ],
        "names": dict(recording.names),
        "view": recording.view or None,
        "warnings": list(recording.warnings),
    }


def _as_text(recording: Recording) -> list[str]:
    unknown = "not in the file"
    unit = "fractions of the image" if recording.normalised else "pixels"
    size = " x ".join(map(str, recording.image_size)) if recording.image_size else unknown
    frames = recording.last_frame - recording.first_frame + 1
    renamed = [(name[:40], point) for name, point in recording.names if point not in ("", name)]
    rows = [
        ("format", f"{TITLES[recording.format]} ({recording.format})"),
        ("joint set", f"{recording.joint_set.title} ({recording.joint_set.id}): {recording.joint_set_reason}"),
        *([("points", ", ".join(f"{name} = {point}" for name, point in renamed))] if renamed else []),
        ("coordinates", recording.view or unit),
        ("image size", size),
        ("frames", f"{frames}, from {recording.first_frame} to {recording.last_frame}"),
        ("fps", f"{recording.fps:g}" if recording.fps else unknown),
        ("people", f"{len(recording.people)}"),
    ]
    lines = [recording.source, *(f"  {name:<12} {text}" for name, text in rows), "", *_people_table(recording)]
    return lines + [""] * bool(recording.warnings) + [f"  note: {warning}" for warning in recording.warnings]


def _people_table(recording: Recording, most: int = 20) -> list[str]:
    shown = recording.people[:most]
    width = max(6, *(len(person.id) for person in shown))
    lines = [f"  {'person':>{width}}  {'frames':>7}  {'mean confidence':>15}"]
    for i, person in enumerate(shown):
        default = "  default" if i == 0 else ""
        lines.append(f"  {person.id:>{width}}  {person.frames:>7}  {person.mean_confidence:>15.2f}{default}")
    return lines + ([f"  ... and {len(recording.people) - most} more"] if len(recording.people) > most else [])


def _upsample(options: argparse.Namespace) -> None:
    output = check_writable(options.output)
    if output.resolve() == Path(options.file).resolve():
        raise InputError(f"{output} is the input: choose another name for the result.")
    settings = replace(find_settings(options.settings), threshold=options.threshold)
    recording = _read(options)
    tracks = recording.tracks(options.person, options.image_size, options.fps)
    for warning in recording.warnings:
        _note(warning)
    fps = tracks.fps
    if fps is None:
        fps = ASSUMED_FPS
        _note(f"the file does not know its rate; {fps:g} frames per second taken, change with --fps")

    from .core import Upsampler  # torch may come with it: not for `inspect`, nor before the file is read

    upsampler = Upsampler.load(device=options.device, engine=options.engine)
    result = upsampler.upsample(
        tracks.positions, joint_set=tracks.joint_set, confidence=tracks.confidence, fps=fps,
        settings=settings, smoothness=options.smoothness, seed=options.seed, progress=_progress(),
    )  # fmt: skip
    gaps = [(tracks.first_frame + first, tracks.first_frame + last) for first, last in result.report.gaps]
    for warning in (*result.report.warnings, *([describe_gaps(gaps)] if gaps else [])):
        _note(warning)
    write_result(output, result, tracks, fps)
    report = result.report
    print(
        f"{len(tracks)} frames of person {tracks.person} in {report.seconds:.1f} s "
        f"({report.engine} on {report.device}): {output}"
    )


def _diagnose(options: argparse.Namespace) -> None:
    from .runtime.diagnostics import Subject, page  # not needed by the other commands

    print(page(Subject(options.interpreter)), end="")


def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)


def _progress() -> Callable[[float, str], None] | None:
    """A line that counts up, for somebody who is watching."""
    if not sys.stderr.isatty():
        return None

    def show(fraction: float, text: str) -> None:
        end = "\n" if fraction >= 1 else ""
        print(f"\r\033[K{fraction:4.0%} {text}", end=end, file=sys.stderr, flush=True)

    return show


def main(arguments: Sequence[str] | None = None, program: str = "python -m jumps_blender") -> int:
    """Run one command; the exit status: 0, 2 for what cannot be read or done, 130 where it was interrupted.

    `batch` has more of them, see docs/batch.md.
    """
    show_any_name()
    options = _parser(program).parse_args(arguments)
    try:
        return options.run(options) or 0
    except JumpsError as error:
        print(f"jumps: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # whoever reads the output has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("jumps: interrupted, nothing was written", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
