"""The page in a real browser, where there is one: it draws every picture and complains of nothing."""

import json
import subprocess

import pytest

import sweeps
from sweeps.reports.write import page_of
from sweeps.results import load
from tests.browser import find_browser
from tests.reports import KEYS, Page

_MARKS = ("point", "js-line", "hm")  # classes of what plotly draws for data


@pytest.fixture
def dump(tmp_path):
    """The document after its scripts have run, and what was said on the console."""
    browser = find_browser()

    def run(path):
        switches = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
        budget = ["--virtual-time-budget=30000", f"--user-data-dir={tmp_path / 'profile'}"]
        command = [browser, *switches, *budget, "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE:" in line]

    return run


class Drawn(Page):
    """Counts the marks within each picture."""

    def __init__(self, text):
        self.marks, self.drawn, self._place = {}, False, None
        super().__init__(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        classes = given.get("class", "").split()
        if tag == "html":
            self.drawn = given.get("data-drawn") == "yes"
        if "data-picture" in given:
            self._place = given["data-picture"]
            self.marks[self._place] = 0
        if set(classes) & set(_MARKS) or tag == "polyline":
            self.marks[self._place] += 1
        super().handle_starttag(tag, attributes)


@pytest.mark.parametrize("which", ["swept", "hostile"])
def test_every_picture_has_its_marks_and_the_console_is_silent(which, request, dump, tmp_path):
    text, console = dump(sweeps.report(request.getfixturevalue(which), tmp_path / "r.html"))
    assert console == []
    found = Drawn(text)
    assert found.drawn
    assert found.sections == KEYS
    assert len(found.marks) == len(found.data["pictures"]) > 10
    assert all(found.marks.values()), found.marks


def test_markup_is_shown_as_text(hostile, dump, tmp_path):
    text, _ = dump(sweeps.report(hostile, tmp_path / "r.html"))
    found = Page(text)
    ticks = found.texts["hyperparameters"]
    assert "<b>1</b>" in ticks
    assert "$x^2$" in ticks
    assert [tag for tag, *_ in found.elements].count("script") == 3


_HANDS = """<script>
const wait = () => document.documentElement.dataset.drawn ? act() : setTimeout(wait, 50);
const act = () => {
  const root = document.documentElement, plot = document.querySelector(".plot"), seen = {};
  Element.prototype.setPointerCapture = () => {};  // a pointer that nobody holds
  seen.light = plot.layout.paper_bgcolor;
  document.getElementById("theme").click();
  seen.dark = plot.layout.paper_bgcolor;
  const ground = document.querySelector(".ground"), box = ground.getBoundingClientRect();
  const at = (share) => ({ clientY: box.top + share * box.height, pointerId: 1, bubbles: true });
  const drag = (from, to) => {
    ground.dispatchEvent(new PointerEvent("pointerdown", at(from)));
    ground.dispatchEvent(new PointerEvent("pointermove", at(to)));
    ground.dispatchEvent(new PointerEvent("pointerup", at(to)));
    return document.querySelectorAll("polyline.out").length;
  };
  seen.brushed = drag(0.5, 1);
  seen.cleared = drag(0.5, 0.5);
  document.querySelector("polyline").dispatchEvent(new MouseEvent("click"));
  seen.card = document.querySelector("#card pre").textContent;
  root.dataset.seen = JSON.stringify(seen);
};
wait();
</script>"""


_NEWS = """<script>
window.fetch = async () => ({ ok: true, text: async () => "a newer version" });
const wait = () => document.documentElement.dataset.drawn ? act() : setTimeout(wait, 50);
const act = () => {
  document.querySelector(".plot").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  const look = () => document.getElementById("news").hidden ? setTimeout(look, 50)
    : (document.documentElement.dataset.seen = document.getElementById("news").textContent);
  look();
};
wait();
</script>"""


def test_a_page_in_use_is_not_taken_away_by_a_newer_one(swept, dump, tmp_path):
    path = tmp_path / "r.html"
    path.write_text(page_of([load(swept)], poll="an old version").replace("</body>", f"{_NEWS}</body>"))
    text, console = dump(path)
    assert console == []
    seen = next(given for tag, given, _ in Page(text).elements if tag == "html")["data-seen"]
    assert "has gone on" in seen


def test_the_page_answers_to_hands(swept, dump, tmp_path):
    path = sweeps.report(swept, tmp_path / "r.html")
    path.write_text(path.read_text().replace("</body>", f"{_HANDS}</body>"))
    text, console = dump(path)
    assert console == []
    seen = json.loads(next(given for tag, given, _ in Page(text).elements if tag == "html")["data-seen"])
    assert seen["light"] != seen["dark"]
    lines = sum(tag == "polyline" for tag, *_ in Page(text).elements)
    assert 0 < seen["brushed"] < lines
    assert seen["cleared"] == 0
    assert seen["card"].startswith("trial ")
    assert "rate: " in seen["card"]
