"""What the runtime consists of, and how much there is to download."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

TORCH: Final = "2.13.0"

REQUIREMENTS: Final = (
    f"torch=={TORCH}",
    "numpy==1.26.4; python_version < '3.12'",
    "numpy==2.4.6; python_version >= '3.12'",
)
"""As the tests and the trainer have them; builds for other processors, such as 2.13.0+cu130, count as the same."""


@dataclass(frozen=True)
class Amount:
    """Gigabytes (10^9 bytes) to download, and on the disk afterwards."""

    download: float
    disk: float

    @property
    def meanwhile(self) -> float:
        """On the disk while it is being installed: pip works on a copy of what it keeps."""
        return self.disk + 2 * self.download

    def __str__(self) -> str:
        return f"{self.download:.1f} GB to download, {self.disk:.1f} GB on the disk ({self.meanwhile:.1f} GB meanwhile)"


# Of PyTorch 2.13.0 for Python 3.11: the wheels and what they unpack to, and a tenth for compiled Python.
_AMOUNTS: Final = {"linux": Amount(2.8, 5.0), "win32": Amount(0.2, 0.7), "darwin": Amount(0.2, 0.7)}


def expected_amount(platform: str = sys.platform) -> Amount:
    """What the ordinary package index gives this system: with NVIDIA's libraries on Linux only."""
    return _AMOUNTS.get(platform, _AMOUNTS["linux"])
