"""Who computes: numpy, which Blender ships, or torch where it is faster."""
