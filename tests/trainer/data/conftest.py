from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import JOINTS, PARENTS
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


WriteBvh = Callable[..., str]


@pytest.fixture(scope="session")
def write_bvh(walk: Callable[[int, int], np.ndarray]) -> WriteBvh:
    """A function of the number of frames: BVH, y up, of a person who stands, and moves by a centimetre each frame.

    lost: joints whose offset is 0 0 0; unit: metres of the file's unit; rest: hold the arms out in frame 0.
    """
    x, y, z = np.moveaxis(walk(1, 0)[0].astype(float), -1, 0)
    places = np.stack([x, z, -y], -1)

    def joint(index: int, lost: tuple[str, ...], unit: float) -> str:
        offset = (places[index] - places[PARENTS[index]]) / unit if PARENTS[index] >= 0 else np.zeros(3)
        if JOINTS[index] in lost:
            offset = np.zeros(3)
        kind = "JOINT" if PARENTS[index] >= 0 else "ROOT"
        channels = "3 Zrotation Xrotation Yrotation"
        if kind == "ROOT":
            channels = "6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
        inside = "".join(joint(child, lost, unit) for child, parent in enumerate(PARENTS) if parent == index)
        numbers = " ".join(f"{value:.6f}" for value in offset)
        return f"{kind} {JOINTS[index]}\n{{\nOFFSET {numbers}\nCHANNELS {channels}\n{inside}}}\n"

    def build(
        frames: int, fps: float = 30.0, lost: tuple[str, ...] = (), unit: float = 0.01, rest: bool = False
    ) -> str:
        hierarchy = joint(JOINTS.index("pelvis"), lost, unit)
        order = [line.split()[1] for line in hierarchy.splitlines() if line.startswith(("ROOT", "JOINT"))]
        rows = np.zeros((frames, 3 + 3 * len(order)))
        rows[:, :3] = places[JOINTS.index("pelvis")] / unit
        rows[:, 0] += 0.01 / unit * np.arange(frames)
        if rest:
            rows[0, [3 + 3 * order.index(f"{side}_clavicle") for side in ("left", "right")]] = (-90, 90)
        motion = "\n".join(" ".join(f"{value:.4f}" for value in row) for row in rows)
        return f"HIERARCHY\n{hierarchy}MOTION\nFrames: {frames}\nFrame Time: {1 / fps:.7f}\n{motion}\n"

    return build


@pytest.fixture(scope="module")
def mocap(shared: Path) -> Path:
    """The real captures."""
    folder = shared / "mocap"
    if not folder.is_dir():
        pytest.skip("needs the captures in shared/mocap")
    return folder
