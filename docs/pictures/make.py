"""The pictures of the pages, made by running the code that the pages show: python docs/pictures/make.py"""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

HERE = Path(__file__).parent
PAGES = ("coarse_to_fine.md", "panda.md", "retune.md", "schedulers.md")


def make(page: str, folder: Path) -> list[Path]:
    """Run the Python of a page in a folder; the pictures that it saves there, the same bytes each time."""
    code = re.findall(
        r"^```python\n(.*?)^```$", (HERE.parent / page).read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    settled = {"svg.hashsalt": page, "svg.fonttype": "none", "font.family": "sans-serif"}
    with contextlib.chdir(folder), mpl.rc_context(settled), _dated("0"):
        exec(compile("\n".join(code), page, "exec"), {"__name__": "page"})  # noqa: S102
    return sorted(folder.glob("*.svg"))


@contextlib.contextmanager
def _dated(seconds: str) -> Iterator[None]:
    """The date that matplotlib writes into an SVG."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = seconds
    try:
        yield
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


if __name__ == "__main__":
    mpl.use("agg")
    for page in PAGES:
        with tempfile.TemporaryDirectory() as work:
            for picture in make(page, Path(work)):
                (HERE / picture.name).write_bytes(picture.read_bytes())
                print(f"docs/pictures/{picture.name}: {picture.stat().st_size / 1000:.0f} kB")
