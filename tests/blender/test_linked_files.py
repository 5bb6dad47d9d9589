"""What lies in another file, linked or overridden: it is upsampled into this one, and stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from demo.figures import MIXAMO, make_figure
from jumps_blender.blender.footage import add_footage, footage_of
from jumps_blender.blender.records import stored_tracks
from jumps_blender.blender.scene.scene_state import select_only
from tests.blender.people_at_hand import import_tracks, upsample

CAST = "Cast"


@pytest.fixture
def library(walk_file: Path, tmp_path: Path) -> Path:
    """A file with an imported armature in a collection."""
    return saved_with_cast(import_tracks(walk_file), tmp_path)


def saved_with_cast(ob: Any, folder: Path) -> Path:
    """A file with an armature in a collection; this one is empty then."""
    cast = bpy.data.collections.new(CAST)
    bpy.context.scene.collection.children.link(cast)
    bpy.context.scene.collection.objects.unlink(ob)
    cast.objects.link(ob)
    path = folder / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return path


def linked_cast(library: Path) -> Any:
    """The collection of that file, linked into the scene."""
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = [CAST]
    (cast,) = bpy.data.collections
    bpy.context.scene.collection.children.link(cast)
    return cast


@pytest.mark.parametrize("overridden", [False, True])
def test_a_source_of_another_file_is_upsampled_into_this_one(library: Path, overridden: bool) -> None:
    cast = linked_cast(library)
    if overridden:
        cast = cast.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
    (source,) = cast.objects
    bpy.context.view_layer.objects.active = source
    result = upsample()
    assert result.users_collection == (bpy.context.scene.collection,)
    assert bpy.context.view_layer.objects.active == source


def test_an_import_finds_a_place_beside_a_linked_collection(library: Path, walk_file: Path) -> None:
    cast = linked_cast(library)
    layer = bpy.context.view_layer
    layer.active_layer_collection = layer.layer_collection.children[CAST]
    assert bpy.ops.jumps.import_tracks(filepath=str(walk_file)) == {"FINISHED"}
    made = layer.objects.active  # of the same name as the linked one
    assert made.library is None
    assert made.users_collection == (bpy.context.scene.collection,)
    assert made not in cast.objects.values()


def test_a_result_is_changed_only_where_it_is_kept(walk_file: Path, tmp_path: Path) -> None:
    import_tracks(walk_file)
    library = saved_with_cast(upsample(), tmp_path)
    (result,) = linked_cast(library).override_hierarchy_create(bpy.context.scene, bpy.context.view_layer).objects
    bpy.context.view_layer.objects.active = result
    doors = (bpy.ops.jumps.resolve, bpy.ops.jumps.lock_feet, bpy.ops.jumps.simplify, bpy.ops.jumps.push_down)
    assert not any(door.poll() for door in doors)  # of an override, Blender does not save what is stored with it
    name = result.name
    result.select_set(True)
    bpy.ops.object.make_local(type="ALL")
    assert all(door.poll() for door in doors)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.actions = [f"{name} default 0.6"]
    (linked,) = (action for action in bpy.data.actions if action.library)
    bpy.context.object.animation_data.action = linked
    assert not any(door.poll() for door in doors)


def test_an_overridden_import_is_mended_where_it_is_kept(library: Path) -> None:
    """What is ignored or swapped is stored with the object: of an override, Blender would not save it."""
    (source,) = linked_cast(library).override_hierarchy_create(bpy.context.scene, bpy.context.view_layer).objects
    bpy.context.view_layer.objects.active = source
    doors = (bpy.ops.jumps.swap_sides, bpy.ops.jumps.ignore_joints, bpy.ops.jumps.check_tracks)
    assert not any(door.poll() for door in doors)


def test_footage_finds_a_place_beside_an_overridden_collection(library: Path, tmp_path: Path) -> None:
    (source,) = linked_cast(library).override_hierarchy_create(bpy.context.scene, bpy.context.view_layer).objects
    size = stored_tracks(source).tracks.image_size or (640, 480)
    image = bpy.data.images.new("still", *size)
    image.filepath_raw, image.file_format = str(tmp_path / "still.png"), "PNG"
    image.save()
    add_footage(bpy.context, source, str(tmp_path / "still.png"), "PLANE")
    shown = footage_of(source)
    assert shown
    assert shown.users_collection == (bpy.context.scene.collection,)


@pytest.mark.parametrize("mode", ["OBJECT", "POSE"])
def test_one_of_the_same_name_is_not_taken_for_the_active_one(library: Path, walk_file: Path, mode: Any) -> None:
    linked_cast(library)
    assert bpy.ops.jumps.import_tracks(filepath=str(walk_file)) == {"FINISHED"}
    source = bpy.context.view_layer.objects.active
    last = bpy.data.collections.new("last")
    bpy.context.scene.collection.children.link(last)
    last.objects.link(source)
    bpy.context.scene.collection.objects.unlink(source)
    layer = bpy.context.view_layer
    assert [ob.name for ob in layer.objects] == [source.name] * 2
    assert layer.objects[0].library
    rig = make_figure("figure", MIXAMO)
    layer.objects.active = source
    select_only(layer, [source])
    bpy.ops.object.mode_set(mode=mode)
    assert bpy.ops.jumps.lead_rig(source=source.name, target=rig.name) == {"FINISHED"}
    assert layer.objects.active == bpy.context.selected_objects[0] == source
    assert bpy.context.mode == mode
