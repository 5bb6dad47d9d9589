"""Joint sets: what each detector calls its points and which of the 28 joints they show.

A set is one line of text, in the detector's own order. Notation, one word per point:

    nose                 shows none of the 28 joints
    left_knee=           the same joint centre, within annotation noise
    left_hip~            the same part with a systematic offset of a few centimetres
    left_big_toe~left_toe  likewise, under another name
    neck?                only roughly the same place (5 cm and more): not taken as an observation

What points that are no observations tell of the 28 joints, such as ears of the head, is in `composites`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...errors import InputError
from .skeleton import INDEX, JOINTS

BELIEVED: Final = "=~"
"""Qualities under which a detector's point counts as an observation of one of the 28 joints."""


@dataclass(frozen=True)
class JointSet:
    """The points of one detector and what they show of the 28 joints."""

    id: str
    title: str
    joints: tuple[str, ...]
    """The detector's names, in its order."""
    shows: tuple[tuple[int, int, str], ...]
    """(index in this set, index in the 28 joints, quality), quality one of `=`, `~`, `?`."""

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, name: str) -> int:
        """Index of a point by the detector's name; -1 where it has none of that name."""
        return self.joints.index(name) if name in self.joints else -1

    @property
    def observes(self) -> tuple[tuple[int, int], ...]:
        """(index in this set, index in the 28 joints) of each point that counts as an observation."""
        return tuple((source, joint) for source, joint, quality in self.shows if quality in BELIEVED)

    def to_28(self, values: np.ndarray, fill: float = np.nan) -> np.ndarray:
        """Move values (frames, joints, ...) of this set to (frames, 28, ...); `fill` where nothing is shown."""
        if values.shape[1] != len(self):
            raise InputError(f"{self.title} has {len(self)} joints, the array {values.shape} has {values.shape[1]}.")
        told = {joint: source for source, joint in self.observes}
        out = values.take([told.get(joint, 0) for joint in range(len(JOINTS))], axis=1)
        out[:, [joint for joint in range(len(JOINTS)) if joint not in told]] = fill
        return out

    def from_28(self, flags: np.ndarray) -> np.ndarray:
        """Bool (frames, 28) as bool (frames, joints of this set), False where a point shows none of the 28."""
        out = np.zeros((len(flags), len(self)), bool)
        for source, joint in self.observes:
            out[:, source] = flags[:, joint]
        return out


_WORD = re.compile(r"(?P<name>\w+?)(?:(?P<quality>[=~?])(?P<shows>\w*))?$")


def _table(set_id: str, title: str, words: str) -> JointSet:
    joints, shows = [], []
    for i, word in enumerate(words.split()):
        match = _WORD.match(word)
        assert match, word
        joints.append(match["name"])
        if match["quality"]:
            shows.append((i, INDEX[match["shows"] or match["name"]], match["quality"]))
    return JointSet(set_id, title, tuple(joints), tuple(shows))


_COCO_BODY = (
    "nose left_eye right_eye left_ear right_ear left_shoulder~ right_shoulder~ left_elbow= right_elbow= "
    "left_wrist= right_wrist= left_hip~ right_hip~ left_knee= right_knee= left_ankle= right_ankle="
)

_FEET = "left_big_toe~left_toe left_small_toe left_heel right_big_toe~right_toe right_small_toe right_heel"
_HALPE_BODY = (
    f"{_COCO_BODY} head_top~ neck~ mid_hip~pelvis left_big_toe~left_toe right_big_toe~right_toe "
    "left_small_toe right_small_toe left_heel right_heel"
)


def _face(points: int) -> str:
    return " ".join(f"face_{i}" for i in range(points))


def _fingers(side: str) -> str:
    """Four points of each finger; the knuckles that MediaPipe has too are called as it calls them."""
    known = {"thumb3": "thumb", "index1": "index", "little1": "pinky"}
    points = [f"{finger}{i}" for finger in ("thumb", "index", "middle", "ring", "little") for i in range(1, 5)]
    return " ".join(f"{side}_{known.get(point, point)}" for point in points)


_HANDS = " ".join(f"{side}_hand_root {_fingers(side)}" for side in ("left", "right"))

_TABLES = (
    _table("coco17", "COCO-17", _COCO_BODY),
    _table(
        "coco18", "COCO-18 (OpenPose)",
        "nose neck? right_shoulder~ right_elbow= right_wrist= left_shoulder~ left_elbow= left_wrist= right_hip~ "
        "right_knee= right_ankle= left_hip~ left_knee= left_ankle= right_eye left_eye right_ear left_ear",
    ),
    _table(
        "body25", "BODY_25 (OpenPose)",
        "nose neck? right_shoulder~ right_elbow= right_wrist= left_shoulder~ left_elbow= left_wrist= mid_hip~pelvis "
        "right_hip~ right_knee= right_ankle= left_hip~ left_knee= left_ankle= right_eye left_eye right_ear left_ear "
        "left_big_toe~left_toe left_small_toe left_heel right_big_toe~right_toe right_small_toe right_heel",
    ),
    _table(
        "body25b", "BODY_25B (OpenPose)",
        f"{_COCO_BODY} upper_neck?neck head_top~ {_FEET}",
    ),
    _table("halpe26", "Halpe-26", _HALPE_BODY),
    _table(
        "mediapipe33", "MediaPipe-33 (BlazePose)",
        "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer left_ear right_ear "
        "mouth_left mouth_right left_shoulder~ right_shoulder~ left_elbow= right_elbow= left_wrist= right_wrist= "
        "left_pinky right_pinky left_index right_index left_thumb right_thumb left_hip~ right_hip~ left_knee= "
        "right_knee= left_ankle= right_ankle= left_heel right_heel left_foot_index~left_toe "
        "right_foot_index~right_toe",
    ),
    _table(
        "mpii16", "MPII-16",
        "right_ankle= right_knee= right_hip~ left_hip~ left_knee= left_ankle= pelvis~ thorax~neck upper_neck?neck "
        "head_top~ right_wrist= right_elbow= right_shoulder~ left_shoulder~ left_elbow= left_wrist=",
    ),
    _table(
        "mpii15", "MPII-15 (OpenPose MPI)",
        "head_top~ neck? right_shoulder~ right_elbow= right_wrist= left_shoulder~ left_elbow= left_wrist= right_hip~ "
        "right_knee= right_ankle= left_hip~ left_knee= left_ankle= chest?spine3",
    ),
    _table(
        "h36m17", "Human3.6M-17",
        "pelvis~ right_hip= right_knee= right_ankle= left_hip= left_knee= left_ankle= spine~ thorax~neck "
        "neck_base?head head_top~ left_shoulder= left_elbow= left_wrist= right_shoulder= right_elbow= right_wrist=",
    ),
    _table(
        "crowdpose14", "CrowdPose-14",
        "left_shoulder~ right_shoulder~ left_elbow= right_elbow= left_wrist= right_wrist= left_hip~ right_hip~ "
        "left_knee= right_knee= left_ankle= right_ankle= head_top~ neck~",
    ),
    _table(
        "aic14", "AIC-14",
        "right_shoulder~ right_elbow= right_wrist= left_shoulder~ left_elbow= left_wrist= right_hip~ right_knee= "
        "right_ankle= left_hip~ left_knee= left_ankle= head_top~ neck~",
    ),
    _table("mpi28", "MPI-INF-3DHP-28", " ".join(f"{name}=" for name in JOINTS)),
    _table("wholebody133", "COCO-WholeBody-133", f"{_COCO_BODY} {_FEET} {_face(68)} {_HANDS}"),
    _table("halpe136", "Halpe-136", f"{_HALPE_BODY} {_face(68)} {_HANDS}"),
    _table(
        "body135", "BODY_135 (OpenPose)",
        f"{_COCO_BODY} upper_neck?neck head_top~ {_FEET} {_fingers('left')} {_fingers('right')} {_face(70)}",
    ),
    _table(
        "posetrack17", "PoseTrack18-17",
        _COCO_BODY.replace("left_eye right_eye", "head_bottom?neck head_top~"),
    ),
    _table(
        "posetrack15", "PoseTrack17-15",
        "right_ankle= right_knee= right_hip~ left_hip~ left_knee= left_ankle= right_wrist= right_elbow= "
        "right_shoulder~ left_shoulder~ left_elbow= left_wrist= head_bottom?neck nose head_top~",
    ),
)  # fmt: skip

JOINT_SETS: Final[dict[str, JointSet]] = {table.id: table for table in _TABLES}


def _vocabulary() -> dict[str, tuple[int | None, str]]:
    """Of every name that a table uses, the joint that it shows and how well; the 28 joints' own names come first."""
    found: dict[str, tuple[int | None, str]] = {name: (joint, "=") for name, joint in INDEX.items()}
    for table in _TABLES:
        shown = {source: (joint, quality) for source, joint, quality in table.shows}
        for i, name in enumerate(table.joints):
            found.setdefault(name, shown.get(i, (None, "")))
    return found


VOCABULARY: Final = _vocabulary()
"""Names that points may have in a list of one's own, with the joint (index in the 28, or None) and the quality."""


def find_joint_set(which: str | JointSet | list[str] | tuple[str, ...]) -> JointSet:
    """A joint set by its id, or one made of a list of names: of the 28 joints, or as a known detector calls its points.

    Raises:
        InputError: an unknown id, an unknown or repeated name.

    """
    if isinstance(which, JointSet):
        return which
    if isinstance(which, str):
        if which not in JOINT_SETS:
            raise InputError(f"Unknown joint set {which!r}; known ones: {', '.join(JOINT_SETS)}.")
        return JOINT_SETS[which]
    names = tuple(which)
    unknown = [name for name in names if name not in VOCABULARY]
    shows = _shown_by(names) if not unknown else ()
    if not shows or len(set(names)) != len(names):
        what = f"unknown: {', '.join(map(str, unknown))}" if unknown else "empty or with repeated names"
        if names and not unknown and len(set(names)) == len(names):
            what = f"none of them: {', '.join(names)}"
        raise InputError(f"A list of joints must be names out of the 28 joints ({what}). Known: {', '.join(JOINTS)}.")
    return JointSet("custom", "chosen joints", names, shows)


def _shown_by(names: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    """What points of these names show; of several that show one joint, the one that is called like it."""
    best: dict[int, tuple[int, int, str]] = {}
    for i, name in enumerate(names):
        joint, quality = VOCABULARY[name]
        if joint is not None and (joint not in best or name == JOINTS[joint]):
            best[joint] = (i, joint, quality)
    return tuple(sorted(best.values()))


_CHILDREN: Final[dict[str, tuple[str, ...]]] = {
    "pelvis": ("spine", "thorax", "neck"), "mid_hip": ("neck",), "spine": ("spine2", "thorax"), "spine2": ("spine3",),
    "spine3": ("spine4",), "spine4": ("neck",), "chest": ("neck",), "thorax": ("upper_neck", "neck_base", "head_top"),
    "neck": ("head", "head_top", "nose"), "upper_neck": ("head_top", "nose"), "neck_base": ("head_top",),
    "head": ("head_top",), "nose": ("head_top",),
}  # fmt: skip
_SIDE_CHILDREN: Final[dict[str, tuple[str, ...]]] = {
    "clavicle": ("shoulder",), "shoulder": ("elbow",), "elbow": ("wrist",), "wrist": ("hand", "index"),
    "hip": ("knee",), "knee": ("ankle",), "ankle": ("foot", "big_toe", "foot_index"), "foot": ("toe",),
    "heel": ("big_toe", "foot_index"), "eye": ("nose",), "ear": ("eye",), "eye_inner": ("nose",),
    "eye_outer": ("eye",),
}  # fmt: skip


def child_of(name: str, names: tuple[str, ...] | frozenset[str]) -> str | None:
    """The joint of `names` that a bone at joint `name` points to; None at the end of a limb."""
    side, _, part = name.partition("_")
    if side in ("left", "right"):
        candidates = tuple(f"{side}_{child}" for child in _SIDE_CHILDREN.get(part, ())) + _SIDE_CHILDREN.get(part, ())
    else:
        candidates = _CHILDREN.get(name, ())
    return next((child for child in candidates if child in names), None)
