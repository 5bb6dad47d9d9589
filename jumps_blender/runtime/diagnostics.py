"""A page for a bug report: what runs where, and what is wrong. Works when things are broken.

Each line is found out on its own; what fails says so in its place. Paths begin with ~, passwords in addresses are left
out.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..core.weights import BUNDLED, load_weights
from ..errors import EngineError
from .environment import RuntimeFolder
from .interpreter import look_at

PACKAGE: Final = Path(__file__).resolve().parents[1]
MANIFEST: Final = PACKAGE.parent / "blender_manifest.toml"

_TAIL: Final = 15
"""Lines of a log that are shown."""

_LONGEST: Final = 400
"""Letters of a line."""

Fact = tuple[str, Callable[[], str]]


@dataclass(frozen=True)
class Subject:
    """What the page is about: the Python that solves, where the add-on keeps things, and what the caller knows.

    `told` are facts found by the caller, name and text; `complaints` what the last worker processes said.
    """

    interpreter: str = sys.executable
    folder: Path | None = None
    told: tuple[tuple[str, str], ...] = ()
    complaints: tuple[str, ...] = ()


def page(subject: Subject) -> str:
    """The page, as text; never fails."""
    facts = [*((name, lambda text=text: text) for name, text in subject.told), *_facts(subject)]
    lines = ["JUMPS diagnostics", *(f"{name + ':':<18} {_found(find)}" for name, find in facts)]
    lines += _quoted("Last words of the solver", subject.complaints)
    if subject.folder:
        lines += _quoted("End of the runtime's installation", _tail(_runtime(subject.folder).log))
    return discreet("\n".join(lines)) + "\n"


def discreet(text: str) -> str:
    """The text without the name of the user's folder, and without what an address says of a user."""
    home = str(Path.home())
    for path in dict.fromkeys((home, home.replace("\\", "/"), home.replace("\\", "\\\\"))):
        if len(path) > 1:
            text = re.sub(re.escape(path) + r"(?![\w-])", "~", text, flags=re.IGNORECASE if os.name == "nt" else 0)
    return re.sub(r"://[^/\s@]+@", "://***@", text)


def _found(find: Callable[[], str]) -> str:
    try:
        return " ".join(find().split())[:_LONGEST]
    except Exception as error:  # noqa: BLE001  whatever it is, it belongs on the page
        return f"FAILED: {type(error).__name__}: {' '.join(str(error).split())}"[:_LONGEST]


def _facts(subject: Subject) -> list[Fact]:
    """What can be found out without Blender."""
    facts: list[Fact] = [
        ("JUMPS", lambda: f"{version()}, in {PACKAGE.parent}"),
        ("System", lambda: f"{platform.platform()}, {os.cpu_count()} processors"),
        ("Python", lambda: f"{platform.python_version()}, {sys.executable}"),
        ("numpy", _numpy),
        ("Weights", weights),
        ("Solver's Python", lambda: subject.interpreter),
        *_facts_of_solver(subject.interpreter),
        ("Temporary folder", lambda: writable(Path(tempfile.gettempdir()))),
    ]
    if folder := subject.folder:
        facts += [
            ("User folder", lambda: writable(folder)),
            ("Engine chosen", lambda: _text(folder / "engine.json")),
            ("GPU runtime", lambda: _describe(_runtime(folder))),
        ]
    return facts


def _facts_of_solver(python: str) -> list[Fact]:
    """What the solver's Python is and has; where it does not start, that alone."""
    try:
        found = look_at(python)
    except EngineError as error:
        reason = str(error)
        return [("  starts", lambda: f"FAILED: {reason}")]
    return [
        ("  starts", lambda: f"yes, Python {found.python}"),
        ("  numpy", lambda: found.numpy or f"FAILED: {found.numpy_error}"),
        ("  torch", lambda: found.torch or found.torch_error or "not installed"),
        ("  computes on", lambda: ", ".join((*found.devices, "processor"))),
    ]


def _runtime(folder: Path) -> RuntimeFolder:
    return RuntimeFolder(folder / "runtime")


def _describe(runtime: RuntimeFolder) -> str:
    ready = runtime.ready()
    return f"{runtime.state().value}{f': {ready}, {ready.difference:.1g} head from numpy' if ready else ''}"


def version() -> str:
    """Of the add-on, from its manifest."""
    found = re.search(r'^version = "([^"]+)"', MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "unknown"


def _numpy() -> str:
    import numpy as np

    return np.__version__


def weights() -> str:
    """Sizes and the begin of the checksums of the weights, and whether they can be read."""
    told = []
    for path in sorted(BUNDLED.glob("*.safetensors")):
        data = path.read_bytes()
        told.append(f"{path.name} {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()[:16]}")
    load_weights()
    return "; ".join(told)


def writable(folder: Path) -> str:
    """Whether files can be written into a folder, or into the one that it would be made in."""
    existing = next((path for path in (folder, *folder.parents) if path.is_dir()), folder)
    with tempfile.TemporaryFile(dir=existing):
        pass
    return f"{folder}, {'can be written' if existing == folder else 'not there yet, can be made'}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else "not measured yet"


def _tail(path: Path) -> tuple[str, ...]:
    with suppress(OSError):
        return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:])
    return ()


def _quoted(title: str, lines: Iterable[str]) -> list[str]:
    quoted = [f"    {line[:_LONGEST]}" for line in lines if line.strip()]
    return [f"{title}:", *quoted[-_TAIL:]] if quoted else []
