"""The system libraries that `import bpy` loads and a bare Debian lacks: found, and installed where that is allowed."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

PACKAGES = {  # file that the loader looks for -> Debian package; measured on a bare Debian 12 with bpy 4.5
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libGL.so.1": "libgl1",
}


def loads(name: str) -> bool:
    """Whether the system's loader finds a library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing() -> list[str]:
    """The Debian packages whose libraries are not there."""
    return [package for name, package in PACKAGES.items() if not loads(name)]


def command(packages: list[str]) -> list[str]:
    """What installs `packages` on Debian."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def provide() -> None:
    """Install what is missing, as root with apt-get; elsewhere print the command and end. Raises SystemExit."""
    packages = missing() if sys.platform == "linux" else []
    if not packages:
        return
    shown = "apt-get update && " + " ".join(command(packages))
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SystemExit(
            f"bpy needs system libraries that are not here. Run this as root, then the same again:\n{shown}"
        )
    print(f"Installing system libraries: {shown}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], env=quiet, stdout=subprocess.DEVNULL, check=False)
    if (
        subprocess.run(command(packages), env=quiet, stdout=subprocess.DEVNULL, check=False).returncode != 0
        or missing()
    ):
        raise SystemExit(f"apt-get could not install them: its reason is above. The command was:\n{shown}")
