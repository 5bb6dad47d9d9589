"""The command `batch`, the same in `python -m jumps_blender batch` and in `blender -b -c jumps batch`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from ..core.body.tracks import CONFIDENCE_THRESHOLD
from ..errors import InputError, JumpsError
from ..formats import UPS, VIEWS
from ..formats.people_choice import EVERYBODY
from .arguments import count, naming, part, rate, seconds, share, show_any_name, size, span
from .options import BLEND, JSON, REPORTING, WRITE, BatchOptions, Solving
from .run import BAD_REQUEST, INTERRUPTED, MACHINE, Blend, run
from .scene import SceneOptions, add_scene_options, scene_of

_EXIT: Final = """exit status: 0 all is done; 1 a shot has no result, the report says why (0 with --exit-zero); 2 what
was asked for cannot be done; 3 this machine cannot go on (disk, weights, engine); 130 interrupted. docs/batch.md."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options of the command to a parser."""
    parser.epilog = _EXIT
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="keypoint files, zips, folders of frames: shots")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="folder of the results")
    _add_what(parser)
    _add_solving(parser)
    _add_how(parser)
    add_scene_options(parser)


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pattern", metavar="GLOB", help="names of files that are shots; default: by their suffix")
    parser.add_argument(
        "--part", type=part, default=(1, 1), metavar="I/N", help="of the shots every N-th, from the I-th"
    )
    parser.add_argument(
        "--blend",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="a .blend for each shot too; in Blender only",
    )
    parser.add_argument("--again", action="store_true", help="solve what is done, too")
    parser.add_argument(
        "--report", choices=REPORTING, default=WRITE, help="write it at the end; none; or only that, without solving"
    )
    parser.add_argument("--exit-zero", action="store_true", help="status 0 though a shot failed, for farms")


def _add_solving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--settings", default="default", metavar="S", help="paper, draft, default or best")
    parser.add_argument("--smoothness", type=share, metavar="S", help="0 the detector, 1 the model of human motion")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random starts; default 0")
    parser.add_argument("--joint-set", metavar="J", help="wins over what the files look like: coco17, body25b ...")
    parser.add_argument("--fps", type=rate, metavar="F", help="frames per second; default: the file's, else 25")
    parser.add_argument("--image-size", type=size, metavar="WxH", help="in pixels, for coordinates 0 to 1")
    parser.add_argument(
        "--threshold", type=share, default=CONFIDENCE_THRESHOLD, metavar="T",
        help=f"confidence below which a point counts as not observed; default {CONFIDENCE_THRESHOLD}",
    )  # fmt: skip
    parser.add_argument("--salvage", action="store_true", help="of a damaged file, read the part that is whole")
    parser.add_argument(
        "--name", action="append", type=naming, default=[], dest="names", metavar="THEIRS=JOINT",
        help="what a point of the files is, such as Snout=nose; THEIRS= leaves it out; may be repeated",
    )  # fmt: skip
    parser.add_argument("--view", choices=VIEWS, default="auto", help="side from which three dimensions are seen")
    parser.add_argument("--up", choices=UPS, default="auto", help="axis that points up in three dimensions")
    parser.add_argument(
        "--people", default=EVERYBODY, metavar="IDS",
        help="ids with commas between them; empty: the one seen best; default all",
    )  # fmt: skip
    parser.add_argument("--frames", type=span, metavar="A-B", help="these alone, as the file counts; as in the whole")
    parser.add_argument(
        "--least-frames", type=count, default=5, metavar="N", help="people seen in fewer are left out; default 5"
    )
    parser.add_argument("--engine", default="numpy", metavar="E", help="default numpy, the same on every machine")
    parser.add_argument("--device", default="cpu", metavar="D", help="default cpu; others need --engine torch")


def _add_how(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads", type=count, default=1, metavar="N", help="of each solving process; default 1, safe on a full host"
    )
    parser.add_argument("--jobs", type=count, default=1, metavar="N", help="shots solved at once; default 1")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="seconds after which a shot is given up")
    parser.add_argument("--interpreter", metavar="PYTHON", help="the Python that solves; default: this one")


def options_of(parsed: argparse.Namespace) -> BatchOptions:
    """What was asked for, of parsed words."""
    words: dict[str, Any] = vars(parsed)
    words["names"] = dict(words["names"])
    solving = Solving(**{name: words[name] for name in Solving.__dataclass_fields__})
    names = ("folder", "output", "pattern", "part", "threads", "jobs", "timeout", "again", "interpreter")
    return BatchOptions(
        **{name: words[name] for name in names}, solving=solving, scene=scene_of(parsed), reporting=parsed.report,
        lenient=parsed.exit_zero, outputs=(JSON, BLEND) if parsed.blend else (JSON,),
    )  # fmt: skip


def command(parsed: argparse.Namespace, blender: Callable[[SceneOptions], Blend] | None = None) -> int:
    """Run the batch that was asked for; the exit status.

    `blender`, where it is at hand, gives what writes .blend files; it raises InputError where that cannot be done.
    """
    show_any_name()
    try:
        options = options_of(parsed)
        if parsed.blend and blender is None:
            raise InputError("--blend needs Blender: blender -b -c jumps batch FOLDER -o OUT --blend")
        blend = blender(options.scene) if blender and parsed.blend else None
        with _interruptible():
            return run(options, blend, _tell)
    except JumpsError as error:
        _tell(f"jumps: {' '.join(str(error).split())}", True)
        return BAD_REQUEST if isinstance(error, InputError) else MACHINE
    except KeyboardInterrupt:
        _tell("jumps: interrupted; what was finished stays, the same command goes on from there", True)
        return INTERRUPTED


def _tell(line: str, failed: bool) -> None:
    print(line, file=sys.stderr if failed else sys.stdout, flush=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C, and a farm's polite end, stop the solving processes and leave nothing half done, in Blender too."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_DFL if handler is None else handler)  # None: Blender's own, of C
