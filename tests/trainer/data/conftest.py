from collections.abc import Callable

import numpy as np
import pytest

from trainer.data.motion import Motion

# A standing person who looks along x, metres; the left side lies at positive y.
Point = tuple[float, float, float]
TRUNK: dict[str, Point] = {
    "C7": (-0.05, 0, 1.5),
    "CLAV": (0.08, 0, 1.45),
    "T10": (-0.1, 0, 1.25),
    "STRN": (0.12, 0, 1.28),
}
SIDE: dict[str, Point] = {
    "ASI": (0.1, 0.12, 1.0), "PSI": (-0.1, 0.05, 1.02), "FHD": (0.1, 0.07, 1.72), "BHD": (-0.1, 0.07, 1.7),
    "SHO": (0, 0.2, 1.48), "ELB": (0, 0.26, 1.2), "WRA": (0.03, 0.27, 0.95), "WRB": (-0.03, 0.27, 0.95),
    "FIN": (0.02, 0.27, 0.86), "KNE": (0, 0.15, 0.5), "ANK": (0, 0.14, 0.08), "HEE": (-0.06, 0.1, 0.04),
    "TOE": (0.16, 0.1, 0.03),
}  # fmt: skip


@pytest.fixture
def markers_of_a_person() -> Callable[[int], Motion]:
    """A function of the number of frames: the markers of a person who stands still, in 0.1 mm."""

    def build(frames: int) -> Motion:
        points = dict(TRUNK)
        for name, (x, y, z) in SIDE.items():
            points |= {"L" + name: (x, y, z), "R" + name: (x, -y, z)}
        positions = np.tile(np.array(list(points.values())) * 10_000, (frames, 1, 1))
        return Motion(tuple(points), positions, None, 25.0)

    return build
