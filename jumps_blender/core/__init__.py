"""The inference core: 2D tracks in, 28 joints out. No Blender here."""

from .estimates import Estimates
from .result import Report, Result
from .upsampler import Upsampler

__all__ = ["Estimates", "Report", "Result", "Upsampler"]
