"""`make test-all`: the built zip in every Blender, one process each.

    python -m tests.versions [--zip FILE] [--suite] [VERSION ...]

Each version has an environment of its own (`.venv-bpy-4.2`, from the pins in `requirements/bpy-4.2.txt`), made where it
is not there, and goes the way of `journey.py`. What it printed is kept in `out/versions/`, and searched for complaints,
since Blender may end with status 0 after a traceback. Ends with 0 when every version passed, 1 when one failed, 3 when
none failed but one could not be installed: a table tells which, and why. `--suite` also runs `tests/blender` on each.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
LOGS: Final = REPOSITORY / "out" / "versions"

PYTHONS: Final = {
    "4.2": "3.11", "4.3": "3.11", "4.4": "3.11", "4.5": "3.11", "5.0": "3.11", "5.1": "3.13", "5.2": "3.13",
}  # fmt: skip
"""Every Blender that is supported, and the Python that its wheel is built for."""

SHARED: Final = ("tests", "constraints")
"""The files of pins that belong to every environment."""

COMPLAINTS: Final = re.compile(
    r"Traceback \(most recent call last\)|^\w*(Error|Exception|Warning):|Segmentation fault|_ARRAY_API not found"
    r"|leaked|EXCEPTION_ACCESS",
    re.MULTILINE,
)
HARMLESS: Final = re.compile(r"^(Info|Warning): .*$", re.MULTILINE)
"""What operators report to the person."""

PASSED, FAILED, NOT_INSTALLED = "passed", "failed", "not installed"
TIMEOUT: Final = 600


@dataclass(frozen=True)
class Outcome:
    """What became of one Blender."""

    version: str
    status: str
    about: str = ""
    seconds: float = 0.0
    reason: str = ""


def environment(version: str) -> Path:
    """The interpreter with that Blender.

    Raises:
        RuntimeError: it cannot be made; the message is the set-up's last line.

    """
    folder, pins = REPOSITORY / f".venv-bpy-{version}", f"requirements/bpy-{version}.txt"
    wanted = "".join((REPOSITORY / "requirements" / f"{name}.txt").read_text() for name in (f"bpy-{version}", *SHARED))
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return folder / "bin" / "python"
    print(f"{version}: installing {pins} (a minute, 1 GB)", flush=True)
    command = [sys.executable, "-m", "scripts.setup", "--python", PYTHONS[version], folder.name, pins]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])
    stamp.write_text(wanted)
    return folder / "bin" / "python"


@contextmanager
def profile() -> Iterator[dict[str, str]]:
    """Surroundings with an empty user folder of Blender's."""
    with tempfile.TemporaryDirectory(prefix="jumps-profile-") as folder:
        yield {**os.environ, "BLENDER_USER_RESOURCES": folder, "PYTHONFAULTHANDLER": "1"}


def run(command: list[str], log: Path) -> tuple[int | None, str]:
    """Run to the end, what is printed into the log; status (None: not in time) and text."""
    with profile() as surroundings, log.open("w", encoding="utf-8") as file:
        try:
            status: int | None = subprocess.run(
                command, cwd=REPOSITORY, env=surroundings, stdout=file, stderr=subprocess.STDOUT, timeout=TIMEOUT,
                check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            status = None
    return status, log.read_text(encoding="utf-8", errors="replace")


def complaints(text: str) -> list[str]:
    """Lines of a log that no whole run has, each with the words that it ends in."""
    searched = HARMLESS.sub("", text)
    return [searched[found.start() :].splitlines()[0] for found in COMPLAINTS.finditer(searched)]


def why_failed(status: int | None, text: str) -> str:
    """Empty where nothing did."""
    found = complaints(text)
    last = text.strip().splitlines()[-1] if text.strip() else "nothing was printed"
    if status is None:
        return f"not done after {TIMEOUT} s; the last line: {last}"
    if status != 0:
        return f"exit status {status}: {found[-1] if found else last}"
    return f"status 0, yet the log says: {found[0]}" if found else ""


def go_through(version: str, archive: Path, suite: bool) -> Outcome:
    """Install, go the way, judge."""
    try:
        python = str(environment(version))
    except RuntimeError as error:
        return Outcome(version, NOT_INSTALLED, reason=str(error))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jumps-journey-") as folder:
        status, text = run([python, "tests/versions/journey.py", str(archive), folder], LOGS / f"{version}.log")
    reason = why_failed(status, text)
    told = re.search(r"^about (.*)$", text, re.MULTILINE)
    about = " ".join(json.loads(told[1]).values()) if told else ""
    if suite and not reason:
        status, text = run([python, "-m", "pytest", "-q", "tests/blender"], LOGS / f"{version}-suite.log")
        reason = "" if status == 0 else f"tests/blender: {text.strip().splitlines()[-1]}"
    return Outcome(version, FAILED if reason else PASSED, about, time.monotonic() - begin, reason)


def table(outcomes: list[Outcome]) -> str:
    """What became of all, a line each."""
    lines = [f"{'Blender':9}{'result':15}{'seconds':>7}  Blender, Python, numpy"]
    for one in outcomes:
        lines.append(f"{one.version:9}{one.status:15}{one.seconds:7.0f}  {one.about}".rstrip())
        lines += [f"{'':9}{one.reason}"] if one.reason else []
    return "\n".join(lines)


def exit_status(outcomes: list[Outcome]) -> int:
    """As the command's description has it."""
    statuses = {one.status for one in outcomes}
    return 1 if FAILED in statuses else 3 if NOT_INSTALLED in statuses else 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zip", type=Path, help="the built extension (default: built anew)")
    parser.add_argument("--suite", action="store_true", help="also run tests/blender on each version")
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"of {', '.join(PYTHONS)} (default: all)")
    options = parser.parse_args()
    unknown = set(options.versions) - set(PYTHONS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PYTHONS)}")
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    archive = (options.zip or built()).resolve()
    outcomes = []
    for version in options.versions or PYTHONS:
        outcomes.append(go_through(version, archive, options.suite))
        print(f"{version}: {outcomes[-1].status}", flush=True)
    print(f"\n{table(outcomes)}\n\nLogs: {LOGS.relative_to(REPOSITORY)}")
    return exit_status(outcomes)


def built() -> Path:
    """The zip, built by the interpreter that runs this, which has a bpy."""
    from scripts.build_extension import build

    return build(LOGS)


if __name__ == "__main__":
    sys.exit(main())
