"""Good manners of all that Blender is told of: names, tooltips, units, reasons why a button is grey, no traps.

Walks whatever is registered, so a new operator, panel or property is judged as soon as it is there.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import bpy

from jumps_blender.ui.registration import CLASSES

SHORTEST = 12
"""Letters of a tooltip that says more than the name does."""

SMALL_WORDS = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "into",
    "of",
    "on",
    "onto",
    "or",
    "the",
    "to",
    "with",
}
LENGTHS = ("height", "distance", "level", "radius")

BY_KIND = {
    kind: tuple(cls for cls in CLASSES if issubclass(cls, getattr(bpy.types, kind)))
    for kind in ("Operator", "Panel", "Menu", "UIList")
}


def own_properties(cls: type) -> Iterator[tuple[str, Any]]:
    """Properties that a class itself defines, each with what Blender knows of it."""
    names = vars(cls).get("__annotations__", {})
    rna = cls.bl_rna if not issubclass(cls, bpy.types.Operator) else operator_rna(cls)
    for name in names:
        if name in rna.properties:
            yield name, rna.properties[name]


def operator_rna(cls: Any) -> Any:
    module, _, name = cls.bl_idname.partition(".")
    return getattr(getattr(bpy.ops, module), name).get_rna_type()


def words_in_title_case(title: str) -> bool:
    words = [word for word in title.split() if word[0].isalpha()]
    if not words:
        return False
    return all(word[0].isupper() or word in SMALL_WORDS for word in words) and words[0][0].isupper()


def source_of(function: Any) -> str:
    return textwrap.dedent(inspect.getsource(function))


def calls_in(function: Any) -> set[str]:
    """Names of what a function calls."""
    calls = (node.func for node in ast.walk(ast.parse(source_of(function))) if isinstance(node, ast.Call))
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def says_why(function: Any, depth: int = 3) -> bool:
    """Whether a poll, or what it calls in its module, gives a reason."""
    called = calls_in(function)
    if "poll_message_set" in called:
        return True
    known = inspect.unwrap(function).__globals__
    helpers = [known[name] for name in called if inspect.isfunction(known.get(name))]
    return depth > 0 and any(says_why(helper, depth - 1) for helper in helpers)


def shown_properties() -> Iterator[tuple[str, Any]]:
    """All properties that somebody may see, with the name to complain by."""
    for cls in CLASSES:
        for name, known in own_properties(cls):
            if not known.is_hidden:
                yield f"{cls.__name__}.{name}", known


def test_there_is_something_to_judge() -> None:
    assert len(BY_KIND["Operator"]) > 10
    assert len(BY_KIND["Panel"]) >= 3
    assert len(list(shown_properties())) > 20


def test_every_property_has_a_name_in_title_case() -> None:
    assert [name for name, known in shown_properties() if not words_in_title_case(known.name)] == []


def test_every_property_has_a_tooltip() -> None:
    """One that says more than the name, and without the full stop that Blender adds."""
    assert [
        f"{name}: {known.description!r}"
        for name, known in shown_properties()
        if len(known.description) < SHORTEST or known.description.endswith(".") or known.description[0].islower()
    ] == []


def test_every_choice_is_explained() -> None:
    """Those that a function makes are empty here."""
    assert [
        f"{name}.{item.identifier}"
        for name, known in shown_properties()
        if known.type == "ENUM"
        for item in known.enum_items
        if not item.name or not item.description
    ] == []


def test_lengths_have_a_unit() -> None:
    """That of the scene, or metres, as they say: what has the scene's unit would be typed and shown in that."""
    assert [
        f"{name}: subtype='DISTANCE'"
        for name, known in shown_properties()
        if known.type == "FLOAT" and any(word in name for word in LENGTHS)
        if known.unit == "NONE" and known.subtype != "PIXEL" and "in metres" not in known.description
    ] == []


def test_factors_lie_between_their_ends() -> None:
    assert [
        name
        for name, known in shown_properties()
        if known.subtype in ("FACTOR", "PERCENTAGE")
        if (known.hard_min, known.hard_max) not in ((0, 1), (0, 100))
    ] == []


def test_every_operator_has_a_name_and_a_tooltip() -> None:
    found = {cls.bl_idname: operator_rna(cls) for cls in BY_KIND["Operator"]}
    assert [name for name in found if not name.startswith("jumps.")] == []
    assert [name for name, known in found.items() if not words_in_title_case(known.name)] == []
    told = {name: known.description for name, known in found.items()}
    assert [name for name, text in told.items() if len(text) < SHORTEST or text.endswith(".")] == []


def test_every_grey_button_says_why() -> None:
    """A poll that may refuse calls poll_message_set, itself or in a function of its module."""
    with_poll = [cls for cls in BY_KIND["Operator"] if "poll" in vars(cls)]
    assert [cls.__name__ for cls in with_poll if not says_why(cls.poll.__func__)] == []


def test_no_modal_operator_is_a_trap() -> None:
    """Esc ends it, Blender stays usable, a window that closes cleans up, and scripts can run it to the end."""
    wanted = {"cancel": "def", "execute": "def", "ESC": "in modal", "PASS_THROUGH": "in modal"}
    missing = []
    for cls in BY_KIND["Operator"]:
        if "modal" in vars(cls):
            found = {name for name in wanted if name in vars(cls) or name in source_of(cls.modal)}
            missing += [f"{cls.__name__}: {name} ({wanted[name]})" for name in wanted if name not in found]
    assert missing == []


def test_every_panel_is_in_the_tab_and_has_a_title() -> None:
    assert [cls.__name__ for cls in BY_KIND["Panel"] if cls.bl_category != "JUMPS"] == []
    assert [cls.bl_label for cls in BY_KIND["Panel"] if not words_in_title_case(cls.bl_label)] == []


def test_every_class_says_what_it_is() -> None:
    assert [cls.__name__ for cls in CLASSES if not cls.__doc__] == []


def test_the_settings_of_the_scene_are_groups() -> None:
    """One name a group, so that they meet nobody else's."""
    ours = [name for name in dir(bpy.types.Scene) if name.startswith("jumps")]
    assert ours
    assert [name for name in ours if bpy.types.Scene.bl_rna.properties[name].type != "POINTER"] == []
