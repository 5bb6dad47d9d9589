"""The part of the demo that runs inside Blender: the add-on's operators, then a look into the saved file.

    python -m demo.blender_job JOB.json

A process of its own, so that Blender and the video library never meet. bpy is imported where it is used, since the
demo itself imports this module for `Job` and `Outcome`.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import bpy

ADD_ON = "jumps_blender"


@dataclass(frozen=True)
class Job:
    """What to do: the `sample` to import, the `blend` file to leave, the solver's `settings`."""

    sample: str
    blend: str
    settings: str

    def to_json(self) -> str:
        """For the other process."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Shown:
    """One person as the saved file shows them, `positions` (frames, joints, 2) in pixels, y down.

    `source` are the imported joints, `observed` bool (frames, joints) which of them the estimator saw; `result` are
    the 28. The arrays begin at the video's frame `first_frame`. `report` is what the upsampler told.
    """

    id: str
    first_frame: int
    source_names: tuple[str, ...]
    source: np.ndarray
    observed: np.ndarray
    result_names: tuple[str, ...]
    result: np.ndarray
    report: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """All people of the sample, and the video that they were seen in: width and height, frames per second."""

    people: tuple[Shown, ...]
    image_size: tuple[int, int]
    fps: float

    def save(self, path: Path) -> None:
        """Write everything into one file, for the other process."""
        arrays = {f"{i}.{name}": value for i, p in enumerate(self.people) for name, value in _arrays(p).items()}
        header = {
            "image_size": self.image_size,
            "fps": self.fps,
            "people": [
                {
                    "id": p.id,
                    "first_frame": p.first_frame,
                    "names": (p.source_names, p.result_names),
                    "report": p.report,
                }
                for p in self.people
            ],
        }
        np.savez(path, header=np.array(json.dumps(header)), **arrays)

    @classmethod
    def load(cls, path: Path) -> Outcome:
        """Read what `save` wrote."""
        with np.load(path) as stored:
            header = json.loads(str(stored["header"]))
            people = tuple(
                Shown(
                    id=person["id"],
                    first_frame=person["first_frame"],
                    source_names=tuple(person["names"][0]),
                    result_names=tuple(person["names"][1]),
                    report=person["report"],
                    **{name: stored[f"{i}.{name}"] for name in ("source", "observed", "result")},
                )
                for i, person in enumerate(header["people"])
            )
        return cls(people, tuple(header["image_size"]), header["fps"])


def _arrays(person: Shown) -> dict[str, np.ndarray]:
    return {"source": person.source, "observed": person.observed, "result": person.result}


def run_operators(job: Job) -> list[tuple[str, str]]:
    """Import and upsample every person of the sample and save the file; the names of their two armatures."""
    import bpy

    from jumps_blender.formats import read

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module=ADD_ON)
    recording = read(Path(job.sample))
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = round(recording.fps or 25), 1.0
    scene.frame_end = recording.last_frame - recording.first_frame + 1
    names = []
    for person in recording.people:
        bpy.ops.jumps.import_tracks(filepath=job.sample, people=person.id)
        source = bpy.context.view_layer.objects.active.name
        before = set(bpy.data.objects.keys())
        bpy.ops.jumps.upsample(settings=job.settings)
        (result,) = set(bpy.data.objects.keys()) - before
        names.append((source, result))
    bpy.context.preferences.filepaths.save_version = 0  # a second run leaves no copy of the first
    bpy.ops.wm.save_as_mainfile(filepath=job.blend, compress=True)
    return names


def look_into(blend: str, names: list[tuple[str, str]]) -> Outcome:
    """Open the saved file and read the evaluated bone heads of the armatures, frame by frame."""
    import bpy

    from jumps_blender.blender.records import stored_result, stored_tracks

    bpy.ops.wm.open_mainfile(filepath=blend)
    people, size, fps = [], None, None
    for source_name, result_name in names:
        source, result = bpy.data.objects[source_name], bpy.data.objects[result_name]
        tracks, report = stored_tracks(source), stored_result(result)
        assert tracks is not None
        assert report is not None
        size, fps = tracks.tracks.image_size, tracks.tracks.fps
        frames = tracks.timing.frames(len(tracks.tracks))
        people.append(
            Shown(
                id=tracks.tracks.person,
                first_frame=tracks.tracks.first_frame,
                source_names=tuple(source.pose.bones.keys()),
                source=tracks.placement.to_image(bone_heads(source, frames)),
                observed=tracks.tracks.observed,
                result_names=tuple(result.pose.bones.keys()),
                result=report.placement.to_image(bone_heads(result, frames)),
                report=report.report,
            )
        )
    assert size is not None
    assert fps is not None
    return Outcome(tuple(people), size, fps)


def bone_heads(armature: bpy.types.Object, frames: np.ndarray) -> np.ndarray:
    """X and Z (frames, bones, 2) of the bones' heads in armature space, at scene frames, all constraints applied."""
    import bpy

    heads = np.empty((len(frames), len(armature.pose.bones), 2))
    for i, frame in enumerate(frames):
        bpy.context.scene.frame_set(int(frame), subframe=float(frame % 1))
        shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        heads[i] = [(bone.head.x, bone.head.z) for bone in shown.pose.bones]
    return heads


def main() -> None:
    """The command: run the job in the file named, and leave the outcome beside it."""
    described = Path(sys.argv[1])
    job = Job(**json.loads(described.read_text(encoding="utf-8")))
    look_into(job.blend, run_operators(job)).save(described.with_suffix(".npz"))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # Blender 4.5 never ends while an add-on is registered


if __name__ == "__main__":
    main()
