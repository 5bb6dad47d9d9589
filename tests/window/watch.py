"""How long Blender waits for what the extension draws: its panels, and its marks in the view."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy


class Watch:
    """Milliseconds of processor time that each drawing took, by what was drawn."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)

    def view(self) -> None:
        """Watch what will be drawn in 3D views; to be called before the extension is enabled."""
        space: Any = bpy.types.SpaceView3D
        add = space.draw_handler_add

        def add_timed(draw: Callable[..., Any], *arguments: Any) -> Any:
            def timed(*given: Any) -> None:
                with self._timing(f"view {draw.__module__.rpartition('.')[2]}"):
                    draw(*given)

            return add(timed, *arguments)

        space.draw_handler_add = add_timed

    def panels(self) -> None:
        """Watch panels; to be called when the extension is enabled."""
        for name in dir(bpy.types):
            if name.startswith("JUMPS_PT_"):
                panel = getattr(bpy.types, name)
                panel.draw = self._timed_panel(name, panel.draw)

    def _timed_panel(self, name: str, draw: Callable[..., Any]) -> Callable[..., Any]:
        def timed(panel: Any, context: Any) -> None:  # Blender counts the arguments
            with self._timing(f"panel {name}"):
                draw(panel, context)

        return timed

    @contextmanager
    def _timing(self, name: str) -> Iterator[None]:
        begin = time.thread_time()
        yield
        self.took[name].append(1000 * (time.thread_time() - begin))

    def tell(self, of: str) -> None:
        """Print what was found since the last time."""
        for name, times in sorted(self.took.items()):
            typical = f"{statistics.median(times):.2f} ms, at most {max(times):.2f}"
            print(f"{name}, {of}: {typical} ({len(times)} times)", flush=True)
        self.took.clear()
