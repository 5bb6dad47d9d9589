"""The demonstration: a real clip through the add-on's own operators, and pictures of what Blender then holds."""
