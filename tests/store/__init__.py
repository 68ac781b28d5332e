from sweeps.columns import as_columns


def counted(rows):
    """Rows of metrics as `MetricsTable.append` takes them."""
    return len(rows), as_columns(rows)
