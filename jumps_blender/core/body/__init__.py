"""People as numbers: the 28 joints, what detectors call theirs, what counts as observed, and the body's own units."""
