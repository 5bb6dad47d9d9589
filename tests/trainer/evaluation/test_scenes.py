"""What evaluation looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, PARENTS
from trainer.data.dataset import Clip
from trainer.evaluation.motions import kind_of
from trainer.evaluation.scenes import draw_scenes, stretches

MakeClip = Callable[..., Clip]


def test_the_same_seed_gives_the_same_cameras(make_clip: MakeClip) -> None:
    clips = [make_clip("dora", "test", 600, source="one")]
    first, again, other = (draw_scenes(clips, 12, seed)["one"][0].positions for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_stretches_stay_clear_of_glitches(make_clip: MakeClip) -> None:
    found = stretches(make_clip("dora", "test", 200, bad=slice(60, 63)))
    assert [(part.start, part.stop) for part in found] == [(0, 60), (63, 159), (159, 200)]


def test_people_stand_upright_in_the_image_with_a_plausible_head(make_clip: MakeClip) -> None:
    for scene in draw_scenes([make_clip("dora", "test", 100)], 100, 0)["studio"]:
        y = scene.positions[..., 1]
        assert (y[:, INDEX["head_top"]] < y[:, INDEX["pelvis"]]).all()
        height = y[:, INDEX["left_ankle"]] - y[:, INDEX["head_top"]]
        np.testing.assert_array_less(4, height / scene.head_size)
        np.testing.assert_array_less(height / scene.head_size, 10)
        assert 1.5 < scene.stature < 1.8


def test_depth_restores_the_body_in_metres(make_clip: MakeClip) -> None:
    clip = make_clip("dora", "test", 60)
    scene = draw_scenes([clip], 10, 0)["studio"][0]
    np.testing.assert_allclose(scene.head_size * scene.distance / scene.focal, HEAD_METRES)
    metres = scene.distance[:, None] / scene.focal * scene.depth + scene.distance[:, None]
    centre = np.array([960.0, 540.0])
    space = np.concatenate([(scene.positions - centre) / scene.focal * metres[..., None], metres[..., None]], -1)
    bones = np.linalg.norm(space - space[:, np.maximum(PARENTS, 0)], axis=-1)
    true = np.linalg.norm(clip.positions - clip.positions[:, np.maximum(PARENTS, 0)], axis=-1)
    np.testing.assert_allclose(bones, true, atol=1e-4)


def test_conversions_are_one_source_and_take_turns(make_clip: MakeClip) -> None:
    clips = [make_clip(f"daz{n}", "test", 96, source="cmu_bvh_daz") for n in range(4)]
    clips += [make_clip("fbx", "test", 192, source="cmu_bvh_fbx"), make_clip("amc", "test", 96, source="cmu_amc")]
    scenes = draw_scenes(clips, 16, 0)
    assert list(scenes) == ["cmu_amc", "cmu_conversions"]
    assert Counter(scene.source for scene in scenes["cmu_conversions"]) == {"cmu_bvh_daz": 2, "cmu_bvh_fbx": 2}


def test_labels_of_a_source_take_turns(make_clip: MakeClip) -> None:
    clips = [make_clip(f"n{n}", "test", 48, label="walk") for n in range(6)]
    clips.append(make_clip("last", "test", 48, label="kick"))
    assert [scene.label for scene in draw_scenes(clips, 4, 0)["studio"]].count("kick") == 1


@pytest.mark.parametrize("fps", [12.5, 30.0, 60.0])
def test_another_rate_shows_the_same_motion(make_clip: MakeClip, fps: float) -> None:
    scene = draw_scenes([make_clip("dora", "test", 60)], 10, 0)["studio"][0]
    other = scene.at(fps)
    assert len(other.positions) == len(other.depth) == len(other.head_size) == int(59 / 25 * fps) + 1
    times = np.arange(len(other.positions)) / fps
    for joint in (INDEX["left_hand"], INDEX["head_top"]):
        between = np.interp(times, np.arange(60) / 25, scene.positions[:, joint, 0])
        np.testing.assert_allclose(other.positions[:, joint, 0], between, atol=0.05 * scene.head_size.mean())


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("jogLeftCircle4StepsRstart", "walk and run"),
        ("hopBothLegs1hops", "jumps"),
        ("deep squat (performed incorrectly)", "rehabilitation"),
        ("squat1Reps", "floor and squat"),
        ("climb 3 steps", "climbing"),
        ("cartwheels", "acrobatics"),
        ("soccer - kick ball", "kicks and throws"),
        ("", "other"),
    ],
)
def test_labels_tell_the_kind_of_motion(label: str, kind: str) -> None:
    assert kind_of(label) == kind
