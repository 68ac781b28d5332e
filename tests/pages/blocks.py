"""The blocks of code of the README and of each page in docs/."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("python", "sh", "yaml")
_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*\n)+")


class Block(NamedTuple):
    language: str
    code: str


def pages():
    """The README and every page that people write, by their paths; the reference is made of docstrings."""
    found = [path for path in sorted(DOCS.rglob("*.md")) if path.parent.name != "reference"]
    return [path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *found]]


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page):
    """In their order."""
    return [Block(*found) for found in _FENCE.findall(text_of(page))]


def indented(page):
    """What is shown without a language: what is printed, and no code."""
    return _INDENTED.findall(_FENCE.sub("", text_of(page)))


def shell_lines(code):
    """The commands of a block, without their comments."""
    lines = (re.sub(r"(^|\s+)# .*", "", line) for line in code.splitlines())
    return [line for line in lines if line]


def made(page):
    """The pictures of a page that its own code makes, by their names."""
    return re.findall(r"\]\(pictures/(\w+\.svg)\)", text_of(page))
