"""Imported keypoints as armatures: made, read back, judged and mended."""
