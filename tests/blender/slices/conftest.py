"""What can be begun in slices, by its fixture: an operator that is driven by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from jumps_blender.ui.operators.bake_rig import JUMPS_OT_bake_rig
from jumps_blender.ui.operators.feet import JUMPS_OT_free_feet, JUMPS_OT_lock_feet
from jumps_blender.ui.operators.look import JUMPS_OT_check_tracks
from jumps_blender.ui.operators.onto_rig import JUMPS_OT_lead_rig
from jumps_blender.ui.operators.resolve import JUMPS_OT_resolve, JUMPS_OT_unpin
from jumps_blender.ui.operators.simplify import JUMPS_OT_restore_keys, JUMPS_OT_simplify
from jumps_blender.ui.work import WORKING
from tests.blender.people_at_hand import import_tracks
from tests.blender.results_at_hand import move, select
from tests.blender.retarget.rigs_at_hand import KINDS, make_rig
from tests.blender.slices.by_hand import Begin, begun


@pytest.fixture(autouse=True)
def no_work_left() -> Iterator[None]:
    yield
    WORKING.drop()


@pytest.fixture
def checking(sample: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    import_tracks(sample)
    return begun(monkeypatch, JUMPS_OT_check_tracks)


@pytest.fixture
def ob(result: Any) -> Any:
    """A result whose uncertainty is keyed, too, and whose feet and keys are as they were solved."""
    bpy.ops.jumps.key_uncertainty()
    return result


@pytest.fixture
def locking(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return begun(monkeypatch, JUMPS_OT_lock_feet, speed=1.0, strength=0.75)


@pytest.fixture
def freeing(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.ops.jumps.lock_feet()
    return begun(monkeypatch, JUMPS_OT_free_feet)


@pytest.fixture
def simplifying(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return begun(monkeypatch, JUMPS_OT_simplify, unit="PIXELS", pixels=2.0, distance=0.1)


@pytest.fixture
def restoring(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.ops.jumps.simplify()
    return begun(monkeypatch, JUMPS_OT_restore_keys)


@pytest.fixture
def solving(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    move(ob, "right_hand", 80, (0.2, 0.1))
    return begun(monkeypatch, JUMPS_OT_resolve)


@pytest.fixture
def solving_simplified(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.ops.jumps.simplify()
    move(ob, "right_hand", 80, (0.2, 0.1))
    return begun(monkeypatch, JUMPS_OT_resolve)


@pytest.fixture
def unpinning(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    move(ob, "right_hand", 80, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    select(ob, ["right_hand"])
    return begun(monkeypatch, JUMPS_OT_unpin, frames="ALL")


@pytest.fixture
def rig(ob: Any) -> Any:
    """A rig with keys of its own, which the result leads; active."""
    target = make_rig(KINDS["mixamo"])
    target.keyframe_insert("location", frame=1)
    assert bpy.ops.jumps.lead_rig(source=ob.name, target=target.name) == {"FINISHED"}
    bpy.context.view_layer.objects.active = target
    return target


@pytest.fixture
def baking(rig: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return begun(monkeypatch, JUMPS_OT_bake_rig)


@pytest.fixture
def leading(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    target = make_rig(KINDS["mixamo"])
    target.keyframe_insert("location", frame=1)
    return begun(monkeypatch, JUMPS_OT_lead_rig, source=ob.name, target=target.name, preset="")


@pytest.fixture
def leading_anew(ob: Any, rig: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.context.scene.jumps_rig.limbs = "ik"
    move(ob, "right_hand", 80, (0.2, 0.1))
    return begun(monkeypatch, JUMPS_OT_lead_rig, source="", target="", preset="")


CHANGES = (
    "checking", "locking", "freeing", "simplifying", "restoring", "solving", "solving_simplified", "unpinning",
)  # fmt: skip


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> Begin:
    """Something to do with the active armature, as it is."""
    found: Begin = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=(*CHANGES, "baking", "leading", "leading_anew"))
def begin(request: pytest.FixtureRequest) -> Begin:
    """Something to do on the active armature."""
    found: Begin = request.getfixturevalue(request.param)
    return found
