"""Wheels of a few bytes under the names of those that the runtime consists of, and an index that hands them out."""

from __future__ import annotations

import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jumps_blender.runtime.pins import TORCH

NUMPY = "1.26.4" if sys.version_info < (3, 12) else "2.4.6"
HOLLOW = "__version__ = '{version}'\n"


def write_wheel(folder: Path, name: str, version: str, code: str = HOLLOW, ballast: int = 0) -> Path:
    """A wheel of one package; `ballast` bytes that do not shrink make it as large as wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": code.format(version=version).encode(),
        f"{name}/ballast.bin": b"\0" * ballast,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, content in files.items():
            wheel.writestr(inside, content)
        wheel.writestr(f"{about}/RECORD", "".join(f"{inside},,\n" for inside in [*files, f"{about}/RECORD"]))
    return path


def write_wheels(folder: Path, torch: str = HOLLOW, ballast: int = 0) -> Path:
    """All wheels of the runtime; `torch` is the code of that package."""
    write_wheel(folder, "torch", TORCH, torch)
    write_wheel(folder, "numpy", NUMPY, ballast=ballast)
    return folder


class Index(ThreadingHTTPServer):
    """A package index on this machine. It stops in the middle of `numpy` until `flows` is set."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.flows, self.stuck = threading.Event(), threading.Event()
        self.asked: Counter[str] = Counter()
        """How often each file was asked for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/simple"


class _Handler(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        *_, kind, name = self.path.strip("/").split("/")
        if kind == "files":
            self._send_file(self.server.folder / name)
            return
        links = [f'<a href="/files/{path.name}">{path.name}</a>' for path in self.server.folder.glob(f"{name}-*.whl")]
        self._begin("text/html", len(page := "".join(links).encode()))
        self.wfile.write(page)

    def _send_file(self, path: Path) -> None:
        self.server.asked[path.name.partition("-")[0]] += 1
        content = path.read_bytes()
        self._begin("application/octet-stream", len(content))
        half = len(content) // 2
        self.wfile.write(content[:half])
        if path.name.startswith("numpy"):
            self.server.stuck.set()
            self.server.flows.wait(60)
        try:
            self.wfile.write(content[half:])
        except OSError:  # whoever asked is gone
            self.close_connection = True

    def _begin(self, kind: str, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if kind != "text/html":
            self.send_header("Cache-Control", "max-age=31536000, immutable")  # as real indexes say of their files
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[Index]:
    with Index(folder) as index:
        thread = threading.Thread(target=index.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield index
        finally:
            index.flows.set()
            index.shutdown()
            thread.join()
