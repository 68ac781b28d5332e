"""What tests of reports have in common: sweeps of every kind, and a page read back."""

import contextlib
import json
from html.parser import HTMLParser
from itertools import pairwise

import sweeps
from sweeps.space import Space
from sweeps.spec import as_spec, spec_text
from sweeps.store import RunDirectory
from sweeps.trial import Region, Round

KEYS = [
    *("overview", "best", "progress", "curves", "hyperparameters", "ranges", "isolation", "importance"),
    *("parallel", "rungs", "surrogate", "stop", "timeline", "waste", "failures", "next"),
]
SPACE = {
    "rate": {"log": [1e-4, 1]},
    "optimizer": {"choice": ["momentum", "adam"]},
    "momentum": {"reverse_log": [0.5, 0.99], "when": {"optimizer": "momentum"}},
    "units": {"log_int": [16, 256]},
    "batch": {"choice": [16, 32, 64], "ordered": True},
}
HOSTILE = "</script><script>alert('1')</script>\"&amp;\n%{x}" + "w" * 5000
MARKUP = {
    "x": {"uniform": [0, 1]},
    "c": {"choice": [HOSTILE, "<b>1</b>", "$x^2$", "@accent", None, 1, [1, 2]]},
    "m": {"uniform": [0, 1], "when": {"c": "@accent"}},
}


def train(config, run):
    """Curves that overfit a little, diverge at large rates, and raise for some configs."""
    for epoch in range(run.start, run.epochs):
        if config["units"] > 200:
            raise ValueError(f"no room for <b>{config['units']}</b> units")
        if config["rate"] > 0.5:
            yield {"val_loss": float("nan"), "train_loss": 1.0}
            return
        loss = abs(config["rate"] - 0.01) + 1 / (epoch + 1) + 0.1 * (config["optimizer"] == "adam")
        yield {"train_loss": loss, "val_loss": loss + 0.002 * epoch**2 + run.seed % 7 / 1000}


def one_epoch(config, run):
    return {"val_loss": config["x"]}


def hostile(config, run):
    if config["x"] > 0.8:
        raise ValueError(HOSTILE)
    return {HOSTILE: config["x"], "b<img src=x onerror=alert(1)>": 1.0}


def fails(config, run):
    raise RuntimeError("<b>boom</b>")


def nan(config, run):
    return float("nan")


def sweep(folder, trainable, space=None, **options):
    """A small sweep in this process, and its folder, whatever comes of it."""
    given = {"trials": 24, "epochs": 9, "finalists": False, **options}
    with contextlib.suppress(sweeps.AllTrialsFailed):
        sweeps.run(trainable, space=space or SPACE, out=folder, serial=True, progress=False, **given)
    return folder


def empty(folder):
    """A sweep of which no trial has begun."""
    form = as_spec({"name": "empty", "trials": 4, "metric": "val_loss", "space": SPACE})
    directory = RunDirectory(folder, spec_text(form), Space(SPACE), ["val_loss"])
    directory.close([Round(0, tuple(Region(name, None, None, 0, "the whole range") for name in SPACE))])
    return folder


class Page(HTMLParser):
    """A page read back: its elements, its texts by section, and the data in it."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.section = [], {}, ""
        self._open = []
        self.feed(text)
        self.data = json.loads(self.texts["data"])

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes, self.section))
        if tag == "section":
            self.section = attributes["id"]
        if tag == "script":
            self.section = attributes.get("id", "script")

    def handle_data(self, data):
        self.texts[self.section] = self.texts.get(self.section, "") + data

    @property
    def sections(self):
        return [attributes["id"] for tag, attributes, _ in self.elements if tag == "section"]

    def pictures(self, section):
        """The data of a section's pictures."""
        found = [a for _, a, within in self.elements if within == section and "data-picture" in a]
        return [self.data["pictures"][int(each["data-picture"])] for each in found]


def in_order(numbers):
    return all(one <= other for one, other in pairwise(numbers))
