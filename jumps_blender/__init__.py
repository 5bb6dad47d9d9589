"""JUMPS for Blender: 2D keypoint tracks become 28 keyed joints.

Imports nothing at module level, so that the core, the command line and the worker run without Blender.
"""


def register() -> None:
    """Register all classes, properties and menus with Blender."""
    from .ui import registration

    registration.register()


def unregister() -> None:
    """Undo `register`, in exactly the reverse order."""
    from .ui import registration

    registration.unregister()
