"""What a batch was asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..core.body.joint_sets import find_joint_set
from ..core.body.tracks import CONFIDENCE_THRESHOLD
from ..core.settings import find_settings
from ..core.weights import BUNDLED
from ..errors import InputError
from ..formats.people_choice import EVERYBODY
from .scene import SceneOptions

JSON: Final = "json"
BLEND: Final = "blend"

WRITE, NONE, ONLY = "write", "none", "only"
REPORTING: Final = (WRITE, NONE, ONLY)

ASSUMED_FPS: Final = 25.0
"""Taken where neither the file nor the user tells a rate."""


@dataclass(frozen=True)
class Solving:
    """All that decides what comes out of a shot; see `Upsampler.upsample` and `formats.read`.

    `people` as in the import dialog, see `formats.people_choice`; `frames`, first and last as the file counts, None =
    all: they come out as in the whole.
    """

    settings: str = "default"
    smoothness: float | None = None
    seed: int = 0
    joint_set: str | None = None
    fps: float | None = None
    image_size: tuple[int, int] | None = None
    threshold: float = CONFIDENCE_THRESHOLD
    salvage: bool = False
    names: dict[str, str] = field(default_factory=dict)
    view: str = "auto"
    up: str = "auto"
    people: str = EVERYBODY
    least_frames: int = 5
    frames: tuple[int, int] | None = None
    engine: str = "numpy"
    device: str = "cpu"

    def check(self) -> None:
        """Raise InputError where a name or number is none that is known."""
        find_settings(self.settings, self.smoothness)
        if self.joint_set is not None:
            find_joint_set(self.joint_set)


@dataclass(frozen=True)
class BatchOptions:
    """A whole batch.

    `part` (number, of how many) takes every so-manieth shot, numbers from 1; `threads` for each solving process,
    `jobs` such processes; `timeout` in seconds for a shot; `interpreter` the Python that solves, None = this one.
    """

    folder: Path
    output: Path
    solving: Solving = Solving()
    scene: SceneOptions = field(default_factory=SceneOptions)
    pattern: str | None = None
    part: tuple[int, int] = (1, 1)
    outputs: tuple[str, ...] = (JSON,)
    threads: int = 1
    jobs: int = 1
    timeout: float | None = None
    again: bool = False
    reporting: str = WRITE
    lenient: bool = False
    interpreter: str | None = None

    def check(self) -> None:
        """Raise InputError for what can be told before any work."""
        self.solving.check()
        self.scene.check()
        if not self.folder.is_dir():
            raise InputError(f"{self.folder} is no folder: name the folder that holds the keypoint files.")
        if self.output.exists() and not self.output.is_dir():
            raise InputError(f"{self.output} is no folder: the results need one.")
        if self.output.resolve() == self.folder.resolve():
            raise InputError(f"{self.output} is the folder of the keypoint files: choose another one for the results.")


@cache
def version() -> str:
    """The extension's version, as its manifest tells it; "unknown" where there is none."""
    manifest = Path(__file__).parents[2] / "blender_manifest.toml"
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    named = [line.partition("=")[2].strip().strip('"') for line in lines if line.startswith("version")]
    return named[0] if named else "unknown"


@cache
def weights_fingerprint() -> str:
    """Changes when the shipped weights do."""
    digest = hashlib.sha256()
    for path in sorted(BUNDLED.glob("*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def tools() -> dict[str, Any]:
    """The versions that decide what comes out."""
    return {"jumps": version(), "weights": weights_fingerprint()}
