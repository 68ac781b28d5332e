"""The pictures of the pages, made by running the code that the pages show: python docs/pictures/make.py"""

import os
import re
import tempfile
from pathlib import Path

import matplotlib as mpl

HERE = Path(__file__).parent
PAGES = ("coarse_to_fine.md",)


def make(page: str, folder: Path) -> list[Path]:
    """Run the Python of a page in a folder; the pictures that it saves there, the same bytes each time."""
    code = re.findall(r"^```python\n(.*?)^```$", (HERE.parent / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    before = Path.cwd()
    os.chdir(folder)
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # the date that is in an SVG
    try:
        with mpl.rc_context({"svg.hashsalt": page, "svg.fonttype": "none", "font.family": "sans-serif"}):
            exec(compile("\n".join(code), page, "exec"), {"__name__": "page"})  # noqa: S102
    finally:
        os.chdir(before)
    return sorted(folder.glob("*.svg"))


if __name__ == "__main__":
    mpl.use("agg")
    for page in PAGES:
        with tempfile.TemporaryDirectory() as work:
            for picture in make(page, Path(work)):
                (HERE / picture.name).write_bytes(picture.read_bytes())
                print(f"docs/pictures/{picture.name}: {picture.stat().st_size / 1000:.0f} kB")
