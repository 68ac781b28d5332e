"""Whether to stop or go on, and what to do next."""

from __future__ import annotations

from sweeps.analysis.wording import percent
from sweeps.reports.blocks import Block, Code, Note, Section, Table, Tiles
from sweeps.reports.view import View
from sweeps.screen.figures import show_number, show_seconds

STOP = "Stop now, or go on?"
NEXT = "What should be done next?"
_READ = (
    "copy the spec into a file and start it with: caviar run FILE. Its key start_with names the best configs "
    "of this sweep, which the next one tries first, so keep this folder until it has begun."
)
_ABOUT = {
    "ranges": "ranges",
    "training_length": "epochs",
    "rungs": "early stopping",
    "stop_or_go": "more of the same",
    "surrogate_trust": "the search's model",
    "importance": "importance",
}


def stop(view: View) -> Section:
    """What going on is expected to bring; its words are those of the analysis."""
    found = view.stop_or_go
    if found.expected is None:
        return Section("stop", STOP, found.words)
    span = f"the next {show_seconds(found.seconds)}" if found.seconds else "as much again"
    tiles = (
        (show_number(found.expected), f"expected improvement in {span}"),
        (f"{show_number(found.low)} … {show_number(found.high)}", "in 90 % of resamples"),
        (percent(found.chance), "chance of any improvement"),
        (show_number(found.worth), "less is not worth it" + (": the spread of seeds" if found.seeds else "")),
    )
    read = (
        "the figures are an extrapolation of the tail of the recent trials, as if those to come were drawn "
        "like them. A search that still learns does a little better."
    )
    return Section("stop", STOP, found.words, [Tiles(tiles)], read)


def next_(view: View) -> Section:
    """The advice in order of weight, and a refined spec to copy."""
    found = view.next_step
    rows = [(str(k), _ABOUT.get(step.about, step.about), step.words) for k, step in enumerate(found.steps, 1)]
    blocks: list[Block] = [Table(("", "about", "in words"), rows)] if rows else []
    if found.spec is not None:
        blocks += [Table(("a refined spec", "until now", "next"), found.changes)] if found.changes else []
        said = (
            "The spec:" if found.changes else "A new sweep of the same, since there is too little to go by:"
        )
        blocks += [Note(said), Code(found.spec)]
    first = "The advice, the weightiest first." if found.steps else "There is no advice yet."
    read = _READ if found.spec is not None else ""
    return Section("next", NEXT, first, blocks, read, "what should the next round of experiments be?")
