"""The pictures of the pages: each is there, small, and made by a script beside it."""

import importlib.util

import pytest

from tests.pages.blocks import DOCS, made, pages

MOST_BYTES = 150_000
PLOT = """
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 2])
figure.savefig("line.svg")
plt.close(figure)
"""
PICTURES = DOCS / "pictures"


@pytest.fixture
def script():
    """Imports a script of docs/pictures."""

    def _script(name):
        found = importlib.util.spec_from_file_location(name, PICTURES / f"{name}.py")
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module

    return _script


def test_every_picture_is_shown_and_small(script):
    shown = {name for page in pages() for name in made(page)}
    assert shown == {path.name for path in PICTURES.glob("*.svg")}
    assert shown == {name for page in script("make").PAGES for name in made(f"docs/{page}")}
    for picture in [DOCS / "terminal.svg", *PICTURES.glob("*.svg")]:
        assert picture.stat().st_size < MOST_BYTES


def test_pictures_are_the_same_bytes_each_time(script, tmp_path, monkeypatch):
    make = script("make")
    monkeypatch.setattr(make, "HERE", tmp_path / "pictures")
    (tmp_path / "page.md").write_text(f"```python\n{PLOT}```\n")
    found = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        (picture,) = make.make("page.md", folder)
        found.append(picture.read_bytes())
    assert found[0] == found[1]
    assert b"1970-01-01" in found[0]


def test_the_terminal_shows_a_sweep_half_way(script, serial):
    def train(config, run):
        for epoch in range(run.start, run.epochs):
            yield {"val_loss": config["x"] + 1 / (epoch + 1)}

    result = serial(train, space={"x": {"uniform": [0, 1]}}, trials=8, epochs=9)
    svg = script("terminal").draw(result.path)
    assert "running" in svg
    assert "url(http" not in svg
    assert "val_loss" in (DOCS / "terminal.svg").read_text(encoding="utf-8")
