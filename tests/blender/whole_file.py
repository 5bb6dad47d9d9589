"""Every value of every data-block of the open file, found through Blender's own description of its types.

Knows nothing of this add-on, so what an operator leaves behind anywhere is seen, and two states can be compared after
an undo, a redo, a save.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Final

import bpy
import numpy as np

INTERFACE: Final = {
    "all_ids", "screens", "workspaces", "window_managers", "brushes", "palettes", "libraries", "fonts", "linestyles",
}  # fmt: skip
"""Kinds of data-blocks that undo does not restore, or that are Blender's own."""

VOLATILE: Final = {
    "rna_type", "bl_rna", "session_uid", "users", "is_updated", "is_updated_data", "is_evaluated", "original",
    "id_data", "tag", "preview", "is_runtime_data", "animation_visualization", "depsgraph", "view_layers",
    "cursor", "is_missing", "motion_path", "library_weak_reference", "bone_collections", "tool_settings", "display",
    "keying_sets_all",
    "sequencer_colorspace_settings", "linear_colorspace_settings", "ImageUser.frame_current",
}  # fmt: skip
"""Properties that tell nothing of the file, that stand elsewhere too, that undo leaves alone, that Blender counts as it
draws, or of which it complains; of all types, or of the one before the dot."""

DIGITS: Final = 5
"""Decimals of numbers that count: what is computed anew, such as matrices, may differ behind them."""


def whole_file() -> dict[str, Any]:
    """A value for each path, such as `objects[walk].location`; also mode, frame, active object and selection."""
    context = bpy.context
    layer = context.view_layer
    layer.update()
    found: dict[str, Any] = {
        "mode": context.mode,
        "active": layer.objects.active.name if layer.objects.active else None,
        "selected": tuple(sorted(ob.name for ob in layer.objects if ob.select_get())),
    }
    walk = _Walk(found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of properties that a later Blender will not have
        for prop in bpy.data.bl_rna.properties:
            if prop.type == "COLLECTION" and prop.identifier not in INTERFACE:
                for block in getattr(bpy.data, prop.identifier):
                    walk.struct(f"{prop.identifier}[{block.name}]", block)
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What differs, a line each; empty where nothing does."""
    lines = [f"gone: {path}" for path in before if path not in after]
    lines += [f"new: {path}" for path in after if path not in before]
    lines += [
        f"{path}: {_short(value)} -> {_short(after[path])}"
        for path, value in before.items()
        if path in after and not _same(value, after[path])
    ]
    return lines


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return first.shape == second.shape and bool(np.allclose(first, second, rtol=0, atol=10**-DIGITS))
    return bool(first == second)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 80 else f"{text[:77]}..."


class _Walk:
    """Through the data-blocks, each part of them once."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found
        self.seen: set[tuple[str, int]] = set()
        self.properties: dict[str, list[tuple[str, str, bool]]] = {}
        """Of a type: name and sort, and whether it is an array."""

    def struct(self, path: str, struct: Any) -> None:
        """Note all that a struct tells."""
        kind = struct.bl_rna.identifier
        if (kind, struct.as_pointer()) in self.seen:
            return
        self.seen.add((kind, struct.as_pointer()))
        if kind not in self.properties:
            self.properties[kind] = [
                (prop.identifier, prop.type, getattr(prop, "is_array", False))
                for prop in struct.bl_rna.properties
                if not {prop.identifier, f"{kind}.{prop.identifier}"} & VOLATILE
            ]
        for name, sort, is_array in self.properties[kind]:
            value = getattr(struct, name)
            if sort == "POINTER":
                self.pointer(f"{path}.{name}", value)
            elif sort == "COLLECTION":
                self.collection(f"{path}.{name}", value)
            else:
                self.found[f"{path}.{name}"] = _plain(value, is_array)
        for key, value in _own_properties(struct):
            self.found[f"{path}[{key!r}]"] = value

    def pointer(self, path: str, value: Any) -> None:
        """Note whom it points to, or the part that it holds."""
        if value is None or (isinstance(value, bpy.types.ID) and not value.is_embedded_data):
            self.found[path] = value.name_full if value else None
        else:
            self.struct(path, value)

    def collection(self, path: str, items: Any) -> None:
        """Note all items; of keys, of which there are many, their numbers at once."""
        if path.endswith(".keyframe_points"):
            self.found[path] = _keys(items)
            return
        for i, item in enumerate(items):
            if isinstance(item, bpy.types.ID):
                self.found[f"{path}[{i}]"] = item.name_full
            elif item is not None:
                self.struct(f"{path}[{getattr(item, 'name', '') or i}]", item)
        self.found[f"{path}.length"] = len(items)


def _plain(value: Any, is_array: bool) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0  # no minus zero
    return np.array(value) if is_array else value


def _keys(points: Any) -> np.ndarray:
    """Places, handles and looks of all keys, (keys, 8)."""
    columns = []
    for name, width in (("co", 2), ("handle_left", 2), ("handle_right", 2), ("interpolation", 1), ("type", 1)):
        values = np.empty(width * len(points), np.float32 if width == 2 else np.int32)
        points.foreach_get(name, values)
        columns.append(values.reshape(len(points), width))
    return np.concatenate(columns, axis=1)


def _own_properties(struct: Any) -> Iterator[tuple[str, Any]]:
    try:
        keys = struct.keys()
    except (AttributeError, TypeError):  # a type that cannot have any
        return
    for key in sorted(set(keys) - {"cycles"}):  # which the renderer adds when a file is opened
        yield key, _own(struct[key])


def _own(value: Any) -> Any:
    """The value of a custom property, without references into Blender's memory."""
    if hasattr(value, "to_dict"):
        return {key: _own(part) for key, part in value.items()}
    if isinstance(value, bpy.types.ID):
        return value.name_full
    if isinstance(value, list):
        return [_own(part) for part in value]
    return value.to_list() if hasattr(value, "to_list") else value
