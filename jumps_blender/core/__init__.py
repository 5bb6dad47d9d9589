"""The inference core: 2D tracks in, 28 joints out. No Blender here."""

from .upsampler import Report, Result, Upsampler

__all__ = ["Report", "Result", "Upsampler"]
