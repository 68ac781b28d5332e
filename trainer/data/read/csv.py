"""Reads .csv and .tsv files: how they are written is found out, columns are typed, labels are as written."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
from pyarrow import compute, types
from pyarrow import csv as arrow

from trainer.data.read.columns import Table
from trainer.errors import Unusable, in_words, message

_LINES = 20  # looked at to find out how fields are separated
_BLOCK = 1 << 20  # bytes that Arrow reads at a time, at least
_ROWS = 64  # the same in rows: one must not be longer than a block, and each block of a column has its cost
_LARGE = 1 << 24  # bytes of a file from which on it is worthwhile to save memory
_TEXT = pa.dictionary(pa.int32(), pa.string())
_WHOLE, _WITH_COMMA = r"^\s*[-+]?\d+\s*$", r"^\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*$"
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}

_NAMED = {"utf-8-sig": "utf8", "cp1252": "cp1252", "utf-16": "utf-16"}  # as Arrow names them

_UNEVEN = "Expected"  # what Arrow says of a row with more or fewer fields than the header

# What a number's field may hold instead of one: what pandas takes for missing, which Arrow knows but for two,
# and what UCI's tables have.
_MISSING = [*arrow.ConvertOptions().null_values, "<NA>", "None", "?"]


def read_csv(path: Path, text: Sequence[str] = ()) -> Table:
    """The table in a file that has the columns' names in its first line, in UTF-8 or as Excel saves it.

    Fields are separated by commas; by semicolons or tabs where the first lines cannot be read with commas.
    A file that is not in UTF-8 is taken to be in Windows-1252, or UTF-16 where its first bytes say so.
    text: columns to be read as text, exactly as written; the type of any other follows from all its
    fields. Raises `Unusable`.
    """
    written: _Written | None = None
    try:
        written = _sniff(path)
        read = _typed if path.stat().st_size > _LARGE else arrow.read_csv
        table = read(path, *_options(written, text))
        if written.separator != "," and _has_decimal_commas(table):
            written = replace(written, decimal=",")
            table = read(path, *_options(written, text))
        table = table.rename_columns(_names(table.column_names, written.spaced))
    except (OSError, EOFError, ValueError, MemoryError, zlib.error, pa.ArrowException) as error:
        rule = f"cannot be read as {path.suffix}: {_ragged(path, written, error) or message(error)}"
        raise Unusable(rule, _fix(str(error))) from error
    return Table(table, hints=written.hints, spaced=written.spaced)


def _typed(
    path: Path, read: arrow.ReadOptions, parse: arrow.ParseOptions, convert: arrow.ConvertOptions
) -> pa.Table:
    """The table, with the types of its first block if all others have them too.

    Where no types are given, Arrow keeps the text of the whole file to guess them again, which is some
    four times as large as the numbers.
    """
    guess = arrow.ConvertOptions(null_values=convert.null_values, decimal_point=convert.decimal_point)
    try:
        with arrow.open_csv(path, read, parse, convert) as file:
            known = {field.name: _widest(field.type) for field in file.schema}
        guess.column_types = {**known, **convert.column_types}
        return arrow.read_csv(path, read, parse, guess)
    except pa.ArrowInvalid:
        return arrow.read_csv(path, read, parse, convert)


def _widest(kind: pa.DataType) -> pa.DataType:
    """The type of a column that begins with this one: whole numbers are often followed by others."""
    return pa.float64() if types.is_integer(kind) or types.is_null(kind) else kind


@dataclass(frozen=True)
class _Written:
    """header: the names. spaced: whether a blank follows each separator. width: of the longest line in bytes.
    encoding: as Python names it.
    """

    header: Sequence[str]
    separator: str
    decimal: str
    spaced: bool
    width: int
    encoding: str

    @property
    def hints(self) -> tuple[str, ...]:
        found = []
        if self.separator != ",":
            commas = ", and commas as decimal points" if self.decimal == "," else ""
            found.append(f"its columns are taken to be separated by {_SEPARATORS[self.separator]}{commas}")
        if self.encoding == "cp1252":
            found.append("it is not in UTF-8, and taken to be in Windows-1252")
        return tuple(found)


def _sniff(path: Path) -> _Written:
    encoding = _encoding(path)
    with _open(path) as binary, io.TextIOWrapper(binary, encoding, newline="") as file:
        sample = [*islice(file, _LINES)]
    if any("\0" in line for line in sample):
        raise ValueError("it is not written in UTF-8: it holds bytes of 0")
    tables = {separator: _rows(sample, separator) for separator in _SEPARATORS}
    separator = next((found for found, rows in tables.items() if _fits(rows)), ",")
    header, *_ = tables[separator] or [[]]
    width = max((len(line.encode()) for line in sample), default=0)
    return _Written(header, separator, ".", _spaced(header), width, encoding)


def _encoding(path: Path) -> str:
    """As a file says it, or as its bytes allow."""
    with _open(path) as file:
        start = file.read(len(codecs.BOM_UTF16_LE))
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            while block := file.read(_BLOCK):
                decoder.decode(block)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _open(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked where it is packed."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return cast(BinaryIO, gzip.open(path))
    return cast(BinaryIO, bz2.open(path) if suffix == ".bz2" else path.open("rb"))


def _rows(sample: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(sample, delimiter=separator) if row]
    except csv.Error:  # such as a field of more than 128 KiB
        return []


def _fits(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all rows have the same number of fields, two at least."""
    return len({len(row) for row in rows}) == 1 and len(rows[0]) > 1


def _has_decimal_commas(table: pa.Table) -> bool:
    """Whether a column that was read as text holds numbers with commas, and none has numbers with points."""
    if any(types.is_floating(field.type) for field in table.schema):
        return False
    return any(_is_of_commas(column) for column in table.columns if types.is_string(column.type))


def _is_of_commas(column: pa.ChunkedArray) -> bool:
    texts = pa.chunked_array([chunk.unique() for chunk in column.chunks], column.type)
    given = texts.filter(compute.invert(compute.is_in(texts, pa.array(_MISSING))))
    commas = compute.match_substring_regex(given, _WITH_COMMA)
    numbers = compute.or_(commas, compute.match_substring_regex(given, _WHOLE))
    return bool(compute.any(commas).as_py() and compute.all(numbers).as_py())


def _spaced(header: Sequence[str]) -> bool:
    """Whether a blank follows the separators as a habit."""
    return len(header) > 1 and all(name.startswith(" ") for name in header[1:])


def _options(
    written: _Written, text: Sequence[str]
) -> tuple[arrow.ReadOptions, arrow.ParseOptions, arrow.ConvertOptions]:
    wanted = {*text, *(name.strip() for name in text)}
    labels = {name: _TEXT for name in written.header if name in wanted or name.strip() in wanted}
    return (
        arrow.ReadOptions(block_size=max(_BLOCK, _ROWS * written.width), encoding=_NAMED[written.encoding]),
        arrow.ParseOptions(delimiter=written.separator, newlines_in_values=True),
        arrow.ConvertOptions(column_types=labels, null_values=_MISSING, decimal_point=written.decimal),
    )


def _names(columns: Sequence[str], spaced: bool) -> list[str]:
    """One without a name is called as pandas calls it; where blanks are a habit, none is part of a name."""
    names = [name.strip() if spaced else name for name in columns]
    return [name or f"Unnamed: {at}" for at, name in enumerate(names)]


def _ragged(path: Path, written: _Written | None, error: Exception) -> str | None:
    """Where the first row is that has not as many fields as the header; None where that is not the matter.

    Arrow, which reads blocks side by side, does not know.
    """
    if written is None or _UNEVEN not in str(error):
        return None
    expected, begin = len(written.header), 1
    with suppress(OSError, csv.Error), _open(path) as binary:
        file = io.TextIOWrapper(binary, written.encoding, errors="replace", newline="")
        rows = csv.reader(file, delimiter=written.separator)
        for row in rows:
            if row and len(row) != expected:
                fields = f"{len(row)} field{'s' if len(row) > 1 else ''}"
                text = in_words(written.separator.join(row))
                return f"line {begin} has {fields}, and the header has {expected}: {text}"
            begin = rows.line_num + 1
    return None  # csv reads no field of more than 128 KiB


def _fix(error: str) -> str:
    if _UNEVEN in error:
        return "give every row as many fields as the header; a column of row names needs a name as well"
    if "UTF" in error or "utf" in error:
        return "save it as UTF-8"
    return "check that the file is whole and of this kind"
