"""What a part of a table stands for, told from its footer and its dictionaries before it is unfolded.

A few bytes of Parquet can stand for gigabytes: runs of one value, rows that share one long text. A sweep
writes no such parts, so one that is larger than any of a sweep's is refused.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LARGEST_PART = 512 << 20  # bytes in memory: a full part of the metrics table with 600 metrics
TOO_LARGE = f"stands for more than {LARGEST_PART >> 20} MiB, which no part of a sweep's does"
_VALUE = 8  # bytes
_USUAL = {pa.int64(), pa.float64(), pa.string(), pa.bool_()}
_UNPACKED = 22  # bytes at most that snappy makes of one: of three it copies 64
_CODECS = {"SNAPPY", "UNCOMPRESSED"}  # what is written; others can shrink what they hold a thousandfold


def too_much(footer: pq.FileMetaData, schema: pa.Schema) -> str | None:
    """Why a part is not read, as a clause; None where its footer says what a sweep may have written.

    Raises:
        Exception: Of any kind, where the file is damaged.
    """
    strange = next(
        (field for field in schema if field.type not in _USUAL and not _is_written(field.type)), None
    )
    if strange is not None:
        return f"holds {strange.type} in its column {strange.name!r}, which no sweep writes"
    chunks = _chunks(footer)
    codecs = {chunk.compression for chunk in chunks} - _CODECS
    if codecs:
        return f"is compressed by {min(codecs).lower()}, which no sweep does"
    held = sum(chunk.total_uncompressed_size for chunk in chunks)
    values = sum(chunk.num_values for chunk in chunks)
    values = max(values, footer.num_rows * footer.num_columns)
    return TOO_LARGE if max(held, values * _VALUE) > LARGEST_PART else None


def long_texts(footer: pq.FileMetaData, among: AbstractSet[str] | None = None) -> list[str]:
    """The columns whose texts may come to too much, by Parquet's names: these are to be read as dictionaries.

    among: the columns that are looked at, with those whose names they begin before a dot; all by default.
    No text is longer than all bytes of its column in the file unpacked, and no row of a column that is no
    list has more than one.
    """
    schema, room = footer.schema, LARGEST_PART // max(footer.num_columns * footer.num_row_groups, 1)
    lists = {i for i in range(footer.num_columns) if schema.column(i).max_repetition_level}
    found: dict[str, None] = {}
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for i in _texts(footer):
            chunk = group.column(i)
            path = chunk.path_in_schema
            if among is not None and among.isdisjoint({path, path.partition(".")[0]}) and i not in lists:
                continue
            if i in lists or group.num_rows * chunk.total_compressed_size * _UNPACKED > room:
                found[path] = None
    return list(found)


def has_too_much_text(table: pa.Table) -> bool:
    """table: with its texts as dictionaries, which hold each once; here each counts as often as it occurs."""
    chunks = [chunk for column in table.columns if is_folded(column.type) for chunk in column.chunks]
    return sum(map(_most_bytes, chunks)) > LARGEST_PART and sum(map(_bytes, chunks)) > LARGEST_PART


def is_folded(kind: pa.DataType) -> bool:
    """Whether a column's texts, or those in its lists, are dictionaries."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return is_folded(kind.value_type)
    return bool(pa.types.is_dictionary(kind))


def _chunks(footer: pq.FileMetaData) -> list[pq.ColumnChunkMetaData]:
    groups = map(footer.row_group, range(footer.num_row_groups))
    return [group.column(i) for group in groups for i in range(group.num_columns)]


def _texts(footer: pq.FileMetaData) -> list[int]:
    columns = range(footer.num_columns)
    return [i for i in columns if footer.schema.column(i).physical_type == "BYTE_ARRAY"]


def _is_written(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _is_written(kind.value_type)
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return bool(number or _is_text(kind) or pa.types.is_timestamp(kind) or pa.types.is_null(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _flat(chunk: pa.Array) -> pa.DictionaryArray:
    while not pa.types.is_dictionary(chunk.type):
        chunk = chunk.flatten()
    return chunk


def _most_bytes(chunk: pa.Array) -> int:
    """What the texts come to at most: no text is longer than all in the dictionary."""
    texts = _flat(chunk)
    return len(texts) * int(texts.dictionary.nbytes)


def _bytes(chunk: pa.Array) -> int:
    texts = _flat(chunk)
    lengths = pc.binary_length(texts.dictionary)
    return int(pc.sum(lengths.take(texts.indices)).as_py() or 0)
