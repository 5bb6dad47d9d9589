"""The extension's door: Blender's builder wants it beside the manifest. The code is in `jumps_blender`.

No import at module level: pytest imports this file, where a relative import would fail.
"""


def register() -> None:
    """Register the add-on."""
    from . import jumps_blender

    jumps_blender.register()


def unregister() -> None:
    """Unregister the add-on."""
    from . import jumps_blender

    jumps_blender.unregister()
