"""Blender itself: Actions, names, what is evaluated, work in slices."""
