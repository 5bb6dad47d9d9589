"""Install the runtime: an environment of its own, pip into it, a check; every step goes on where it was stopped."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from ..errors import EngineError, InputError, JumpsError, OutputError
from .check import check
from .environment import Ready, RuntimeFolder
from .pins import REQUIREMENTS, TORCH, expected_amount
from .pip_progress import PipProgress
from .process import Cancel, clean_environment, run_module

Progress = Callable[[float, str], None]
Check = Callable[[str, Cancel], Ready]

_MADE, _FILLED = 0.03, 0.9
"""Shares of the work that are done when the environment is made, and when pip is."""

_LIBRARY: Final = "lib/python*/site-packages" if os.name != "nt" else "Lib/site-packages"
_OURS_TO_SAY: Final = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "PIP_DRY_RUN")


@dataclass(frozen=True)
class Source:
    """Where packages come from.

    With `wheels`, a folder, from there alone, without network. Else from the index that pip is set up for on this
    computer, which may be a studio's own, and from `extra_index`, an address, if there is one. `python` is the Python
    that the environment is made with; empty means this one.
    """

    wheels: Path | None = None
    extra_index: str = ""
    python: str = ""

    @property
    def base(self) -> str:
        """The path of the Python that the environment is made with."""
        return self.python or sys.executable

    def checked(self) -> Source:
        """This source; raises InputError where it cannot work."""
        if self.wheels is not None and not any(self.wheels.glob(f"torch-{TORCH}*.whl")):
            found = ", ".join(sorted(path.name for path in self.wheels.glob("torch-*.whl"))) or "none of torch at all"
            raise InputError(
                f"{self.wheels} holds no wheel of torch {TORCH} (found: {found}). Fill it, on a computer of the same "
                f"kind with the same Python, by: {download_command('FOLDER')}"
            )
        if self.extra_index and not self.extra_index.startswith(("https://", "file://")):
            raise InputError("The extra index must be an address that begins with https:// (or file://).")
        return self

    def words(self) -> list[str]:
        """Options of pip."""
        return ["--no-index", "--find-links", str(self.wheels), "--no-cache-dir"] if self.wheels else []

    def environment(self, folder: RuntimeFolder) -> dict[str, str]:
        """Environment variables of pip: all it writes goes into the folder; a user's settings hold for the network.

        An address may hold a password, so it does not stand on a command line, which everybody can read.
        """
        scratch = str(folder.scratch)
        ours = clean_environment(TMPDIR=scratch, TEMP=scratch, TMP=scratch, PIP_CACHE_DIR=str(folder.cache))
        if self.wheels:  # whatever pip is set up for, it might be a network
            kept = {name: value for name, value in ours.items() if not name.startswith("PIP_")}
            return {**kept, "PIP_CONFIG_FILE": os.devnull}
        kept = {name: value for name, value in ours.items() if name not in _OURS_TO_SAY}
        indexes = " ".join(filter(None, (kept.get("PIP_EXTRA_INDEX_URL"), self.extra_index)))
        return {**kept, "PIP_USER": "0", **({"PIP_EXTRA_INDEX_URL": indexes} if indexes else {})}


def download_command(folder: str) -> str:
    """What fills a folder with the wheels that are needed, for whoever types it."""
    return " ".join(["python -m pip download --only-binary=:all: -d", folder, *(f'"{pin}"' for pin in REQUIREMENTS)])


def install(
    folder: RuntimeFolder,
    source: Source,
    progress: Progress = lambda _fraction, _text: None,
    cancel: Cancel = lambda: False,
    check: Check = check,
) -> Ready:
    """Make the environment, or complete it, and check it.

    Only when the check has passed does the folder's state become READY; whatever ends this before, a later call goes
    on from what is there.

    Raises:
        JumpsError: it cannot be installed, and why; InputError, OutputError, EngineError or Cancelled.

    """
    source = source.checked()
    with folder.locked(), _log(folder) as log:
        work = _Work(folder, source, progress, cancel, log)
        work.prepare()
        work.make_environment()
        work.fill()
        progress(_FILLED, "Checking that it solves what numpy solves")
        ready = check(str(folder.python), cancel)
        folder.set_ready(ready)
        folder.sweep(downloads=True)
        progress(1.0, "Done")
        return ready


def _log(folder: RuntimeFolder) -> TextIO:
    try:
        return folder.log.open("w", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder.log} cannot be written ({error.strerror}): mend its permissions.") from error


class _Work:
    """The steps of one installation."""

    def __init__(self, folder: RuntimeFolder, source: Source, progress: Progress, cancel: Cancel, log: TextIO) -> None:
        self._folder, self._source = folder, source
        self._progress, self._cancel, self._log = progress, cancel, log
        self._last: deque[str] = deque(maxlen=40)

    def prepare(self) -> None:
        """Take away what cannot be gone on with, and see whether the disk has room."""
        self._folder.sweep(downloads=False)
        if not self._folder.fits(self._source.base):
            self._folder.discard()
            self._folder.sweep(downloads=False)
        self._folder.scratch.mkdir(exist_ok=True)
        if self._source.wheels is None and not self._source.extra_index:
            self._see_to_room()

    def _see_to_room(self) -> None:
        needed = expected_amount().meanwhile
        there = shutil.disk_usage(self._folder.root).free + _size(self._folder.root)
        if there < needed * 1e9:
            raise OutputError(
                f"The disk of {self._folder.root} has {there / 1e9:.1f} GB to spare, {needed:.1f} GB are needed while "
                "the runtime is being installed. Make room there, or install from a folder of wheels."
            )

    def make_environment(self) -> None:
        """See to an environment that has pip."""
        self._progress(0.0, "Making the environment")
        if self._run(self._folder.python, ["pip", "--version"]) == 0:
            return
        if self._run(self._source.base, ["venv", "--clear", str(self._folder.environment)]) != 0:
            raise EngineError(
                f"{self._source.base} could not make an environment ({self._reason()}). Its modules venv and ensurepip "
                "are needed (Debian: python3-venv); or name another Python, 3.10 or newer, under Made With."
            )
        self._folder.begin(self._source.base)

    def fill(self) -> None:
        """Let pip install what is missing."""
        site = next(iter(self._folder.environment.glob(_LIBRARY)), self._folder.environment)
        pip = PipProgress(self._folder.scratch, site, round(expected_amount().download * 1e9))

        def hear(line: str) -> None:
            pip.hear(line)
            fraction, text = pip.tell()
            self._progress(_MADE + (_FILLED - _MADE) * fraction, text)

        words = ["pip", "--disable-pip-version-check", "--no-input", "install", "--only-binary=:all:"]
        words += ["--progress-bar=off", "--no-warn-script-location", *self._source.words(), *REQUIREMENTS]
        if self._run(self._folder.python, words, hear) != 0:
            raise explain(list(self._last), self._source, self._folder)

    def _run(self, python: Path | str, words: list[str], hear: Callable[[str], None] = lambda _line: None) -> int:
        def note(line: str) -> None:
            if line:
                self._last.append(line)
                with suppress(OSError):  # a full disk; pip itself tells of it
                    self._log.write(line + "\n")
                    self._log.flush()
            hear(line)

        if isinstance(python, Path) and not python.exists():
            return 1
        return run_module(str(python), words, self._source.environment(self._folder), note, self._cancel)

    def _reason(self) -> str:
        """Of what Python said of an environment; Debian's ends with the bare command, and begins with the reason."""
        if not self._last:
            return "it said nothing"
        return self._last[0] if self._last[-1].startswith("Failing command") else self._last[-1]


def _size(folder: Path) -> int:
    """Bytes in a folder; what vanishes meanwhile does not count."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(where) / name).lstat().st_size
    return total


_FULL: Final = ("No space left on device", "Errno 28", "not enough space on the disk", "WinError 112")
_UNREACHED: Final = (
    "Max retries exceeded", "NewConnectionError", "Name or service not known", "Temporary failure in name resolution",
    "ConnectTimeoutError", "Read timed out", "getaddrinfo failed", "Connection refused", "ProxyError", "SSLError",
    "Connection broken", "IncompleteRead", "ConnectionResetError",
)  # fmt: skip
_UNFOUND: Final = ("No matching distribution found", "Could not find a version")


def explain(lines: list[str], source: Source, folder: RuntimeFolder) -> JumpsError:
    """Why pip failed, as a person reads it, from its last lines."""
    text = "\n".join(lines)
    last = next(
        (line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "it said nothing"
    )
    if any(words in text for words in _FULL):
        return OutputError(
            f"The disk of {folder.root} is full. Make room there and install again: it goes on from here."
        )
    if any(words in text for words in _UNREACHED):
        return EngineError(f"The package index was not reached ({last}). Install again to go on, or use wheels.")
    if any(words in text for words in _UNFOUND):
        python = source.python or platform.python_version()
        where = f"in {source.wheels}" if source.wheels else "in the package index"
        return EngineError(f"Found no fitting build {where} for Python {python} ({last}). {_remedy(source)}")
    return EngineError(f"pip could not install the runtime ({last}). All it said is in {folder.log}.")


def _remedy(source: Source) -> str:
    if source.wheels:
        return f"Fill the folder, on a computer of the same kind with the same Python, by: {download_command('FOLDER')}"
    return "Name another Python, or an extra index that has one."
