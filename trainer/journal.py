"""What a training run tells and keeps while it goes on: numbers, sample sheets, checkpoints."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from rich.console import Console

from jumps_blender.errors import InputError

from .loop import Trainer, write_checkpoint
from .sheets import write_sheet

STATS, SHEETS, BOARD = "stats.jsonl", "samples", "tensorboard"

_ON_A_SHEET: Final = 8
_DATA_BOUND: Final = 0.5
"""Share of the time spent on drawing windows from which on drawing is what a run waits for."""


def open_board(folder: Path, wanted: bool) -> Any:
    """A tensorboard writer, None where it is not wanted; raises InputError where it is not installed."""
    if not wanted:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError(
            f"The interpreter {sys.executable} has no tensorboard ({error}). Install it with: pip install -r "
            f"requirements/tensorboard.txt, or leave out --tensorboard: {STATS} holds the same numbers."
        ) from error
    return SummaryWriter(str(folder / BOARD))


class Journal:
    """The files of a run: `stats.jsonl`, checkpoints, `samples/`, and `tensorboard/` where it is wanted."""

    def __init__(self, folder: Path, console: Console, tensorboard: bool) -> None:
        self.folder, self.console = folder, console
        self.board = open_board(folder, tensorboard)
        self.unsaved = ""
        """Why the last attempt at a checkpoint failed."""

    def note(self, line: dict[str, Any]) -> None:
        """Write down the numbers of a validation."""
        with (self.folder / STATS).open("a", encoding="utf-8") as stats:
            stats.write(json.dumps(line) + "\n")
        if self.board:
            for name, value in line.items():
                if value is not None:
                    self.board.add_scalar(name, value, line["iteration"])
            self.board.flush()
        self.console.print({name: round(v, 4) if isinstance(v, float) else v for name, v in line.items()})

    def sheet(self, trainer: Trainer, held_out: np.ndarray, mask: np.ndarray) -> None:
        """Draw windows that the networks generate, and rebuild where there is an encoder."""
        latent = np.random.default_rng(0).standard_normal((_ON_A_SHEET, 128))
        shown = held_out[:_ON_A_SHEET]
        rows = {"validation": shown}
        if trainer.schedule.encoder:
            rows["rebuilt from what is observed"] = trainer.rebuild(shown, mask)
        write_sheet(
            self.folder / SHEETS / f"{trainer.iteration:07d}.png", rows | {"generated": trainer.generate(latent)}
        )

    def keep(self, state: dict[str, Any], names: list[str]) -> None:
        """Write checkpoints. A full disk does not end the run: the next ones may find room again."""
        self.unsaved = ""
        for name in names:
            try:
                write_checkpoint(self.folder / name, state)
            except OSError as error:
                self.unsaved = f"{self.folder / name} could not be written ({error.strerror})"
                self.console.print(f"[red]{self.unsaved}; the one before is intact, training goes on.")

    def close(self) -> None:
        """End the journal; raises InputError where the last checkpoint is not on the disk."""
        if self.board:
            self.board.close()
        if self.unsaved:
            raise InputError(f"{self.unsaved}. The one before is intact: make room and go on with --resume.")


def peak_memory(device: torch.device) -> float:
    """Most memory that this process has held so far, GB: the GPU's where there is one."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def summary(trainer: Trainer, begun: int) -> str:
    """What came of a run's part that began at iteration `begun`: effort, speed, what bounds it, memory."""
    done, schedule = trainer.iteration - begun, trainer.schedule
    rate = done * schedule.batch / max(trainer.working, 1e-9)
    drawing = trainer.drawing / max(trainer.working, 1e-9)
    bound = "the data" if drawing > _DATA_BOUND else "the networks"
    return (
        f"{trainer.iteration} iterations in {trainer.seconds / 60:.1f} minutes: "
        f"{schedule.share(trainer.iteration):.3%} of the published windows.\n"
        f"{rate:.0f} windows per second, bound by {bound} (drawing windows takes {drawing:.0%} of the time); "
        f"peak memory {peak_memory(trainer.device):.2f} GB."
    )
