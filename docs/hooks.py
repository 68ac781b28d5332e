"""What the site has besides docs/: the README as its first page, and files that pages link to."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
OUTSIDE = "repository"  # the folder of the site in which they are
_LINK = re.compile(r"(\]\()([^)#\s]+)(#[^)]*)?(\))")


def on_files(files: Files, config: Any) -> Files:
    """Add the README, and every file outside docs/ that a page links to, and that those link to."""
    waiting = {"README.md", "CHANGELOG.md", "benchmarks/RESULTS.md"}
    waiting |= {link for file in files.documentation_pages() for link in _links(f"docs/{file.src_uri}")}
    done: set[str] = set()
    while waiting:
        path = waiting.pop()
        done.add(path)
        files.append(File.generated(config, _place(path), abs_src_path=str(ROOT / path)))
        waiting |= set(_links(path)) - done
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Point links at where their files are on the site."""
    place = page.file.src_uri
    source = _source(place)

    def moved(link: re.Match[str]) -> str:
        target = _target(link[2], source)
        if target is None:
            return link[0]
        to = posixpath.relpath(_place(target), posixpath.dirname(place) or ".")
        return f"{link[1]}{to}{link[3] or ''}{link[4]}"

    return _LINK.sub(moved, markdown)


def _links(path: str) -> list[str]:
    """The files outside docs/ that a page links to, from the repository's root."""
    if not path.endswith(".md"):
        return []
    text = (ROOT / path).read_text(encoding="utf-8")
    found = (_target(link[2], path) for link in _LINK.finditer(text))
    return [each for each in found if each is not None and not each.startswith("docs/")]


def _target(link: str, source: str) -> str | None:
    """The file of the repository that a link of a page means, or None where it means another thing."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    return target if "://" not in link and (ROOT / target).is_file() else None


def _place(path: str) -> str:
    """Where a file of the repository is on the site."""
    if path == "README.md":
        return "index.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"{OUTSIDE}/{path}"


def _source(place: str) -> str:
    """The file of the repository that a page of the site is."""
    if place == "index.md":
        return "README.md"
    outside = f"{OUTSIDE}/"
    return place.removeprefix(outside) if place.startswith(outside) else f"docs/{place}"
