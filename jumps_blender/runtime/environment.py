"""The folder of the runtime: what lies where, what state it is in, and how it goes away.

<root>/torch-2.13.0/             the environment; `ready.json` in it is written last, after the check
<root>/cache, <root>/scratch     what pip has downloaded, and what it is working on
<root>/install.log               what the last installation said
<root>/lock                      held by the Blender that installs or removes
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Final

from ..errors import InputError, OutputError
from .pins import REQUIREMENTS, TORCH

_READY: Final = "ready.json"
_RECIPE: Final = "recipe.json"
_GONE: Final = ".gone-"


class State(Enum):
    """What is in the folder."""

    ABSENT = "absent"
    HALF_MADE = "half made"
    READY = "ready"


@dataclass(frozen=True)
class Ready:
    """What the check of an environment found: versions, what torch computes on, and the largest difference to numpy.

    `difference` is in heads (22.5 cm).
    """

    python: str
    numpy: str
    torch: str
    devices: tuple[str, ...]
    difference: float

    def __str__(self) -> str:
        return f"PyTorch {self.torch} on {', '.join(self.devices) or 'the processor'}, Python {self.python}"


@dataclass(frozen=True)
class RuntimeFolder:
    """The folder `root`, which belongs to the runtime alone and need not exist."""

    root: Path

    @property
    def environment(self) -> Path:
        """Where the environment of this release lies."""
        return self.root / f"torch-{TORCH}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def cache(self) -> Path:
        """Whole files that pip has downloaded, kept until the installation is done."""
        return self.root / "cache"

    @property
    def scratch(self) -> Path:
        """What pip is working on."""
        return self.root / "scratch"

    @property
    def log(self) -> Path:
        """What the last installation said."""
        return self.root / "install.log"

    def state(self) -> State:
        """What is there, by a look at two files."""
        if self.ready():
            return State.READY
        return State.HALF_MADE if self.environment.exists() or self.cache.exists() else State.ABSENT

    def ready(self) -> Ready | None:
        """What the check found; None where there is no finished environment."""
        try:
            told = json.loads((self.environment / _READY).read_text(encoding="utf-8"))
            return Ready(**{**told, "devices": tuple(told["devices"])}) if self.python.exists() else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def set_ready(self, ready: Ready) -> None:
        """Write, at once, that the environment is finished."""
        _write_atomically(self.environment / _READY, json.dumps(asdict(ready), indent=1))

    def fits(self, base: str) -> bool:
        """Whether a half-made environment was begun with the same Python for the same packages."""
        try:
            return json.loads((self.environment / _RECIPE).read_text(encoding="utf-8")) == _recipe(base)
        except (OSError, ValueError):
            return False

    def begin(self, base: str) -> None:
        """Note with what the environment is being made."""
        self.environment.mkdir(parents=True, exist_ok=True)
        _write_atomically(self.environment / _RECIPE, json.dumps(_recipe(base)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other Blenders out; a process that ends in any way lets go.

        Raises:
            InputError: another one installs or removes the runtime.
            OutputError: the folder cannot be written.

        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            held = (self.root / "lock").open("a+b")
        except OSError as error:
            raise OutputError(f"{self.root} cannot be written ({error.strerror}): mend its permissions.") from error
        with held:
            if not _lock(held):
                raise InputError("Another Blender is installing or removing the runtime: wait until it has ended.")
            yield

    def discard(self) -> None:
        """Take the environment away at once; `sweep` then deletes it.

        Raises:
            OutputError: a file of it is in use.

        """
        if not self.environment.exists():
            return
        try:
            self.environment.rename(self.root / f"{_GONE}{os.getpid()}-{os.urandom(3).hex()}")
        except OSError as error:
            raise OutputError(
                f"{self.environment} cannot be removed ({error.strerror}). Cancel what is being solved with it, close "
                "other Blenders, and try again."
            ) from error

    def sweep(self, downloads: bool) -> None:
        """Delete what was taken away, the environments of other releases, and, if asked to, what was downloaded."""
        superfluous = [path for path in self.root.glob("torch-*") if path != self.environment]
        superfluous += [*self.root.glob(f"{_GONE}*"), self.scratch, *([self.cache] if downloads else [])]
        for path in superfluous:
            shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        """Remove the runtime and all that belongs to it.

        Raises:
            JumpsError: it is in use, or another Blender is at it.

        """
        with self.locked():
            self.discard()
            self.sweep(downloads=True)
            with suppress(OSError):
                self.log.unlink()


def _recipe(base: str) -> dict[str, object]:
    return {"base": base, "requirements": list(REQUIREMENTS)}


def _write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


if sys.platform == "win32":
    import msvcrt

    def _lock(held: IO[bytes]) -> bool:
        try:
            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(held: IO[bytes]) -> bool:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
