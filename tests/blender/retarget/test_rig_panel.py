"""What the panel Onto a Rig says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import pytest

from jumps_blender.ui.panels.rig import JUMPS_PT_rig, JUMPS_PT_rig_bones
from tests.blender.retarget.rigs_at_hand import MIXAMO, dance, make_cutout, make_result, make_rig


def drawn(panel: Any) -> str:
    """All properties, operators and texts that a panel draws."""
    layout = MagicMock()
    layout.row.return_value = layout.column.return_value = layout.box.return_value = layout.split.return_value = layout
    panel.draw(SimpleNamespace(layout=layout), bpy.context)
    words = [str(call.args[-1]) for call in layout.prop.call_args_list]
    words += [str(call.args[0]) + " " + call.kwargs.get("text", "") for call in layout.operator.call_args_list]
    return " ".join([*words, *(call.kwargs["text"] for call in layout.label.call_args_list)])


def test_it_asks_for_a_rig_first() -> None:
    assert "target" in drawn(JUMPS_PT_rig)
    assert "travel" not in drawn(JUMPS_PT_rig)
    assert drawn(JUMPS_PT_rig_bones) == "They are known once there is a rig"


def test_it_says_what_leads_and_that_it_lies_in_a_plane() -> None:
    rig, result = make_rig(MIXAMO), make_result(dance(3) * (1, 0, 1), depth=False)
    bpy.ops.jumps.lead_rig(source=result.name, target=rig.name)
    text = drawn(JUMPS_PT_rig)
    assert "Led by person 28" in text
    assert "lies in a plane" in text
    assert "facing" in text
    assert "jumps.lead_rig Update" in text
    assert "27 bones, Mixamo" in drawn(JUMPS_PT_rig_bones)


def test_with_depth_limbs_can_roll_and_nothing_is_said_of_a_plane() -> None:
    settings = bpy.context.scene.jumps_rig
    settings.source, settings.target = make_result(dance(3)), make_rig(MIXAMO)
    text = drawn(JUMPS_PT_rig)
    assert "roll" in text
    assert "plane" not in text
    assert "facing" not in text
    settings.depth = False
    assert "lies in a plane" in drawn(JUMPS_PT_rig)


def test_a_cut_out_lies_in_a_plane_anyway() -> None:
    rig, result = make_cutout(), make_result(dance(3))
    bpy.ops.jumps.lead_rig(source=result.name, target=rig.name)
    text = drawn(JUMPS_PT_rig)
    assert "plane" not in text
    assert "stretch" in text


def test_a_size_of_ones_own_begins_with_what_it_is() -> None:
    settings = bpy.context.scene.jumps_rig
    rig, result = make_rig(MIXAMO, scale=50), make_result(dance(3))
    settings.source, settings.target = result, rig
    assert settings.fit
    assert "scale" not in drawn(JUMPS_PT_rig)
    bpy.ops.jumps.lead_rig()
    settings.fit = False
    assert settings.scale == pytest.approx(50, rel=0.01)
    assert "scale" in drawn(JUMPS_PT_rig)
    settings.fit = True
    assert settings.scale == 0
