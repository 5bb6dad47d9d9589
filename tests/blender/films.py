"""Videos written byte by byte, so that every pixel, frame and turn of them is known; without Blender."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

MATRICES = {0: (1, 0, 0, 1), 1: (0, 1, -1, 0), 2: (-1, 0, 0, -1), 3: (0, -1, 1, 0)}
"""What a track header says for so many quarter turns clockwise."""

SPOT = (12, 7)
"""Column and row of the one red pixel of an upright picture."""


def upright(size: tuple[int, int]) -> np.ndarray:
    """A grey picture with a red pixel, (height, width, 3)."""
    picture = np.full((size[1], size[0], 3), 90, np.uint8)
    picture[SPOT[1], SPOT[0]] = (255, 0, 0)
    return picture


def write_movie(path: Path, size: tuple[int, int] = (64, 36), frames: int = 20, fps: int = 25, turns: int = 0) -> Path:
    """A QuickTime film of one picture: upright `size`, stored so that it asks for quarter turns clockwise."""
    stored = np.rot90(upright(size), turns)
    return write_film(path, np.broadcast_to(stored, (frames, *stored.shape)), fps, turns)


def write_film(path: Path, pictures: np.ndarray, fps: int, turns: int = 0) -> Path:
    """A QuickTime film of bare pixels: uint8 (frames, height, width, 3), as stored."""
    frames, height, width, _ = pictures.shape
    head = _box(b"ftyp", b"qt  " + bytes(4) + b"qt  ")
    moov = _moov(width, height, frames, fps, turns, start=len(head) + 8)
    path.write_bytes(head + _box(b"mdat", pictures.tobytes()) + moov)
    return path


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _full(kind: bytes, layout: str, *values: Any) -> bytes:
    return _box(kind, bytes(4) + struct.pack(">" + layout, *values))


def _moov(width: int, height: int, frames: int, fps: int, turns: int, start: int) -> bytes:
    unity = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    a, b, c, d = (number << 16 for number in MATRICES[turns])
    matrix = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    movie = _full(b"mvhd", "4I IH 10x 9i 24x I", 0, 0, fps, frames, 1 << 16, 256, *unity, 2)
    track = struct.pack(">5I 8x 4H 9i 2I", 0, 0, 1, 0, frames, 0, 0, 0, 0, *matrix, width << 16, height << 16)
    media = _full(b"mdhd", "4I 2H", 0, 0, fps, frames, 0, 0) + _full(b"hdlr", "4s4s 12x B", b"mhlr", b"vide", 0)
    entry = struct.pack(">6x H 16x 2H 2I 4x H 32x H h", 1, width, height, 72 << 16, 72 << 16, 1, 24, -1)
    table = (
        _box(b"stsd", bytes(4) + struct.pack(">I", 1) + _box(b"raw ", entry))
        + _full(b"stts", "3I", 1, frames, 1)
        + _full(b"stsc", "4I", 1, 1, frames, 1)
        + _full(b"stsz", "2I", 3 * width * height, frames)
        + _full(b"stco", "2I", 1, start)
    )
    here = _box(b"dinf", _box(b"dref", struct.pack(">2I", 0, 1) + _box(b"alis", struct.pack(">I", 1))))
    info = _full(b"vmhd", "4H", 0, 0, 0, 0) + here + _box(b"stbl", table)
    trak = _box(b"tkhd", struct.pack(">I", 3) + track) + _box(b"mdia", media + _box(b"minf", info))
    return _box(b"moov", movie + _box(b"trak", trak))
