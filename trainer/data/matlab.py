"""Variables of MATLAB files, of the old format (scipy) and of version 7.3, which is HDF5 (h5py)."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io
from scipy.io.matlab import MatReadError

from jumps_blender.errors import FormatError, InputError


def read_mat(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The variables `names` of a MATLAB file, as far as it has them, axes in MATLAB's order; cells are object arrays.

    Raises InputError where there is no such file or h5py is missing, FormatError where it cannot be read or has none.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing; expected a MATLAB file with {', '.join(names)}.")
    try:
        found = _read_hdf5(path, names) if _is_hdf5(path) else scipy.io.loadmat(path, variable_names=names)
    except _DAMAGED as error:
        raise FormatError(f"{path} cannot be read as a MATLAB file ({error}). Get a whole copy.") from error
    read = {name: found[name] for name in names if name in found}
    if not read:
        raise FormatError(f"{path} holds none of {', '.join(names)}; expected annotations of MPI-INF-3DHP.")
    return read


_DAMAGED = (
    MatReadError,
    ValueError,
    TypeError,
    OSError,
    KeyError,
    EOFError,
    IndexError,
    NotImplementedError,
    zlib.error,
)


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(516)
    return b"\x89HDF" in (start[:4], start[512:])  # MATLAB writes 512 bytes of its own before


def _read_hdf5(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    try:
        import h5py
    except ImportError as error:
        raise InputError(
            f"{path} is of MATLAB's version 7.3, which is read with h5py; this Python has none. Run: pip install h5py"
        ) from error
    with h5py.File(path) as file:
        return {name: _array(file, file[name][()]) for name in names if name in file}


def _array(file: Any, stored: Any) -> np.ndarray:
    """HDF5 stores axes in reverse, and cells as references."""
    values = np.asarray(stored).T
    if values.dtype != object:
        return values
    cells = np.empty(values.shape, object)
    for index, reference in np.ndenumerate(values):
        cells[index] = _array(file, file[reference][()])
    return cells
