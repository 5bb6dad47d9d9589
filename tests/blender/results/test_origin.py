"""From a result back to what it was made of, wherever that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from tests.blender.people_at_hand import import_tracks, upsample
from tests.blender.snapshot import snapshot


@pytest.fixture
def source(walk_file: Path) -> Any:
    """Keypoints in a collection of their own; their result is active."""
    ob = import_tracks(walk_file)
    home = bpy.data.collections.new("references")
    bpy.context.scene.collection.children.link(home)
    home.objects.link(ob)
    bpy.context.scene.collection.objects.unlink(ob)
    made = bpy.context.view_layer.objects.active = upsample(settings="draft")
    for other in made.users_collection:
        other.objects.unlink(made)
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.update()
    bpy.context.view_layer.objects.active = made
    return ob


def home() -> Any:
    return bpy.context.view_layer.layer_collection.children["references"]


def is_chosen(ob: Any) -> bool:
    layer = bpy.context.view_layer
    chosen = [each for each in layer.objects if each.select_get()]
    return bool(layer.objects.active == ob and ob.visible_get() and chosen == [ob])


HIDDEN: dict[str, Callable[[Any], object]] = {
    "by its eye": lambda ob: ob.hide_set(True),
    "by its screen": lambda ob: setattr(ob, "hide_viewport", True),
    "by its arrow": lambda ob: setattr(ob, "hide_select", True),
    "under another name": lambda ob: setattr(ob, "name", "take two"),
}


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize("mode", ["OBJECT", "POSE"])
def test_a_hidden_source_is_shown_and_selected(source: Any, how: str, mode: Any) -> None:
    HIDDEN[how](source)
    bpy.ops.object.mode_set(mode=mode)
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    assert bpy.ops.jumps.to_source() == {"FINISHED"}
    assert is_chosen(source)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert snapshot() == before


OUT_OF_REACH: dict[str, tuple[Callable[[Any], object], str]] = {
    "excluded": (lambda _ob: setattr(home(), "exclude", True), "'references' is excluded"),
    "eye of its collection": (lambda _ob: setattr(home(), "hide_viewport", True), "'references' is hidden"),
    "screen of its collection": (lambda _ob: setattr(home().collection, "hide_viewport", True), "is hidden: show it"),
    "arrow of its collection": (lambda _ob: setattr(home().collection, "hide_select", True), "can be selected"),
}


@pytest.mark.parametrize("how", OUT_OF_REACH)
def test_one_that_a_collection_hides_says_which(source: Any, how: str) -> None:
    hide, said = OUT_OF_REACH[how]
    hide(source)
    before = snapshot()
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.jumps.to_source()
    assert snapshot() == before


def test_one_in_another_scene_or_none_says_where(source: Any) -> None:
    other = bpy.data.scenes.new("shot two")
    other.collection.objects.link(source)
    home().collection.objects.unlink(source)
    with pytest.raises(RuntimeError, match="in the scene 'shot two'"):
        bpy.ops.jumps.to_source()
    other.collection.objects.unlink(source)
    with pytest.raises(RuntimeError, match="in no scene"):
        bpy.ops.jumps.to_source()


def test_one_that_is_shown_elsewhere_too_is_selected(source: Any) -> None:
    bpy.context.scene.collection.objects.link(source)
    home().exclude = True
    assert bpy.ops.jumps.to_source() == {"FINISHED"}
    assert is_chosen(source)


def test_another_clip_that_took_its_name_is_not_it(source: Any, sample: Path) -> None:
    made, name = bpy.context.view_layer.objects.active, source.name
    source.name = "take two"
    import_tracks(sample, people="2").name = name
    bpy.context.view_layer.objects.active = made
    assert bpy.ops.jumps.to_source() == {"FINISHED"}
    assert is_chosen(source)
