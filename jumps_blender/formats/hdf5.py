"""The door to HDF5, which Blender cannot read: h5py is there on a command line that has it, and nowhere else.

Only what lies in the file itself is read: no links to other files, and no pickled objects but lists, tuples and text.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import FormatError
from .recording import LONGEST
from .source import MAX_BYTES, Document

if TYPE_CHECKING:
    from types import ModuleType

MAGIC: Final = b"\x89HDF\r\n\x1a\n"
_FAULTS: Final = (
    OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError,
)  # fmt: skip
"""What h5py, and numpy on its data, raise where a file is damaged."""
_TABLES: Final = ("df_with_missing", "keypoints", "df")
"""Keys under which DeepLabCut stores its table."""


def is_hdf5(document: Document) -> bool:
    """Whether a file is HDF5."""
    return document.data.startswith(MAGIC)


def _h5py() -> ModuleType:
    import h5py  # type: ignore[import-untyped, unused-ignore]

    return h5py  # type: ignore[no-any-return, unused-ignore]


@contextmanager
def opened(document: Document) -> Iterator[Any]:
    """The file as h5py has it.

    Raises:
        FormatError: no h5py here, a damaged file, or something in it that is not as it should be.

    """
    try:
        h5py = _h5py()
    except ImportError:
        raise FormatError(
            f"{document.name} is HDF5, and this Python has no h5py to read it. Export a CSV table: in DeepLabCut with "
            "save_as_csv=True or analyze_videos_converth5_to_csv, in SLEAP with File > Export Analysis CSV. Or read it "
            "on the command line of a Python with h5py, and import the jumps-tracks file."
        ) from None
    try:
        with h5py.File(io.BytesIO(document.data), "r") as file:
            yield file
    except FormatError:
        raise
    except _FAULTS as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise FormatError(f"{document.name} is HDF5 that cannot be read ({said}): copy or write it again.") from None


def dataset(file: Any, path: str, name: str) -> np.ndarray | None:
    """All of a dataset that lies in the file itself; None where there is none of that path.

    Raises:
        FormatError: it lies elsewhere, or is larger than any recording.

    """
    found = _inside(file, path, name)
    if found is None or not hasattr(found, "shape"):
        return None
    if getattr(found, "external", None) or getattr(found, "is_virtual", False):
        raise FormatError(f"{name}: its {path} lies in other files, which are not read.")
    if found.shape is None:
        return None
    if int(np.prod(found.shape, dtype=object)) * max(found.dtype.itemsize, 1) > MAX_BYTES:
        raise FormatError(f"{name}: its {path} is {found.shape}, larger than any recording.")
    return np.asarray(found[()])


def _inside(file: Any, path: str, name: str) -> Any:
    """What lies at a path, along links that do not leave the file."""
    h5py = _h5py()
    here = file
    for part in path.split("/"):
        if not isinstance(here, h5py.Group) or part not in here:
            return None
        if not isinstance(here.get(part, getlink=True), h5py.HardLink):
            raise FormatError(f"{name}: its {path} is a link, which is not followed.")
        here = here[part]
    return here


def texts(values: np.ndarray | None) -> list[str]:
    """A dataset of names as text; nothing where there are none, or something else."""
    if values is None or values.dtype.kind not in "SOU":
        return []
    return [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values.ravel().tolist()]


def is_pandas(document: Document) -> bool:
    """Whether the file holds a table as pandas writes it under one of DeepLabCut's keys."""
    with opened(document) as file:
        return _key(file, document.name) is not None


def _key(file: Any, name: str) -> str | None:
    return next((key for key in _TABLES if _inside(file, key, name) is not None), None)


def read_pandas(document: Document) -> tuple[list[tuple[str, ...]], tuple[tuple[str, ...], ...], np.ndarray]:
    """The names of the columns, the index of the rows as text, and the values.

    Raises:
        FormatError: it is no table with columns of several levels.

    """
    with opened(document) as file:
        key = _key(file, document.name)
        group = _inside(file, str(key), document.name)
        table = dataset(file, f"{key}/table", document.name)
        if table is not None:
            names, index, values = _from_table(group, table, document.name)
        else:
            names, index, values = _from_blocks(file, str(key), document.name)
    if values.ndim != 2 or len(names) != values.shape[1] or len(index) != len(values) or len(index) > LONGEST:
        raise FormatError(f"{document.name}: {len(names)} names do not fit a table of {values.shape}.")
    return names, tuple((one,) for one in index), values.astype(np.float64)


def _from_table(group: Any, table: np.ndarray, name: str) -> tuple[list[tuple[str, ...]], list[str], np.ndarray]:
    """The layout `format="table"`: rows of an index and a block of values, whose names are a pickled list."""
    if table.dtype.names is None or not {"index", "values_block_0"} <= set(table.dtype.names):
        raise FormatError(f"{name}: a table with an index and one block of values was expected.")
    kind = group["table"].attrs.get("values_block_0_kind")
    names = plain_pickle(kind.encode("latin-1") if isinstance(kind, str) else bytes(kind or b""), name)
    if not isinstance(names, list) or not all(isinstance(one, tuple) for one in names):
        raise FormatError(f"{name}: the names of its columns are not those of scorer, body part and coordinate.")
    index = table["index"]
    rows = texts(index) if index.dtype.kind == "S" else [str(one) for one in index.tolist()]
    return [tuple(map(str, one)) for one in names], rows, np.asarray(table["values_block_0"])


def _from_blocks(file: Any, key: str, name: str) -> tuple[list[tuple[str, ...]], list[str], np.ndarray]:
    """The layout `format="fixed"`: levels and codes of the columns, the values, and the index."""
    levels: list[list[str]] = []
    codes: list[list[int]] = []
    while (level := dataset(file, f"{key}/block0_items_level{len(levels)}", name)) is not None:
        code = dataset(file, f"{key}/block0_items_label{len(levels)}", name)
        words = texts(level)
        if code is None or code.ndim != 1 or code.dtype.kind not in "iu" or not (code < len(words)).all():
            break
        levels.append(words)
        codes.append(code.tolist())
    values, index = dataset(file, f"{key}/block0_values", name), dataset(file, f"{key}/axis1", name)
    if not levels or values is None or index is None:
        raise FormatError(f"{name}: a table of one block, with scorer, body part and coordinate, was expected.")
    names = [tuple(words[i] for words, i in zip(levels, row, strict=True)) for row in zip(*codes, strict=True)]
    return names, texts(index) if index.dtype.kind in "SO" else [str(one) for one in index.tolist()], values


class _Plain(pickle.Unpickler):
    """Reads lists, tuples, numbers and text; refuses to look up anything that could be called."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


def plain_pickle(data: bytes, name: str) -> Any:
    """A pickled value made of lists, tuples, numbers and text.

    Raises:
        FormatError: it holds anything else.

    """
    try:
        return _Plain(io.BytesIO(data[: 1 << 22]), encoding="latin-1").load()
    except (*_FAULTS, pickle.UnpicklingError, EOFError, ImportError) as error:
        raise FormatError(f"{name}: the names of its columns cannot be read ({str(error)[:80]}).") from None
