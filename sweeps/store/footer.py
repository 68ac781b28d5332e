"""What a part of a table stands for, told from its footer and its dictionaries before it is read.

A few bytes of Parquet can stand for gigabytes: runs of one value, rows that share one long text. A sweep
writes no such parts, so one that is larger than any of a sweep's is refused.
"""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LARGEST_PART = 512 << 20  # bytes in memory: a full part of the metrics table with 600 metrics
_VALUE = 8  # bytes
_CODECS = {"SNAPPY", "UNCOMPRESSED"}  # what is written; others can shrink what they hold a thousandfold


def too_much(file: BinaryIO) -> str | None:
    """Why a part is not read, as a clause; None where it stands for what a sweep may have written.

    Raises:
        Exception: Of any kind, where the file is damaged.
    """
    part = pq.ParquetFile(file)
    strange = next((field for field in part.schema_arrow if not _is_written(field.type)), None)
    if strange is not None:
        return f"holds {strange.type} in its column {strange.name!r}, which no sweep writes"
    chunks = _chunks(part.metadata)
    codecs = {chunk.compression for chunk in chunks} - _CODECS
    if codecs:
        return f"is compressed by {min(codecs).lower()}, which no sweep does"
    held = sum(chunk.total_uncompressed_size for chunk in chunks)
    values = sum(chunk.num_values for chunk in chunks)
    values = max(values, part.metadata.num_rows * part.metadata.num_columns)
    if max(held, values * _VALUE) > LARGEST_PART or _text(file, part) > LARGEST_PART:
        return f"stands for more than {LARGEST_PART >> 20} MiB, which no part of a sweep's does"
    return None


def _chunks(footer: pq.FileMetaData) -> list[pq.ColumnChunkMetaData]:
    groups = map(footer.row_group, range(footer.num_row_groups))
    return [group.column(i) for group in groups for i in range(group.num_columns)]


def _is_written(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _is_written(kind.value_type)
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return bool(number or _is_text(kind) or pa.types.is_timestamp(kind) or pa.types.is_null(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text(file: BinaryIO, part: pq.ParquetFile) -> int:
    """Bytes of all texts, each as often as it occurs; read as dictionaries, which hold each once."""
    columns = [
        part.schema.column(i).path
        for i in range(len(part.schema))
        if part.schema.column(i).physical_type == "BYTE_ARRAY"
    ]
    if not columns:
        return 0
    read = pq.ParquetFile(file, read_dictionary=columns, page_checksum_verification=True).read(columns)
    return sum(_bytes(chunk) for column in read.columns for chunk in column.chunks)


def _bytes(chunk: pa.Array) -> int:
    while pa.types.is_list(chunk.type) or pa.types.is_large_list(chunk.type):
        chunk = chunk.flatten()
    if not pa.types.is_dictionary(chunk.type):
        return int(chunk.nbytes)
    lengths = pc.binary_length(chunk.dictionary)
    return int(pc.sum(lengths.take(chunk.indices)).as_py() or 0)
