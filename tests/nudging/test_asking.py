"""What a nudge cannot be, said in the terminal that asks, and what a config may become."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as some

import sweeps
from sweeps.errors import BadInput
from sweeps.events import Noticed, Nudged
from sweeps.face.babysitting.nudge import _answer
from sweeps.face.babysitting.panda import begun_with
from sweeps.nudges import Asked, Nudge
from sweeps.nudging import Rules, changed, described, in_words, parsed_values
from sweeps.space import Space
from sweeps.store import LogReader
from sweeps.store.requests import REQUESTS, Requests, request_nudge
from tests.nudging.pandas_by_hand import SPACE, babysat

REFUSED = [
    (
        {"learnin_rate": 0.1},
        "learnin_rate: 0.1 is not a hyperparameter of this trainable\n  fix: did you mean",
    ),
    ({"hidden_units": 8}, r"hidden: \[8\] is what a network is built of"),
    ({"l2": -1.0}, "l2: -1.0"),
    ({"activation": "*2"}, r"activation: '\*2' is a factor, and activation is at its default"),
    ({"l2": "*x"}, "is no factor"),
    ({"learning_rate": 5.0}, "outside of what the space holds"),
    ({"rollback": 90}, "epoch without a checkpoint of branch 0\n  fix: there are checkpoints of 0, 1, 2"),
    ({"branch": 7, "l2": 0.1}, "--branch: 7 is no branch\n  fix: choose one of 0"),
    ({}, "changes nothing"),
    ({"pause": True, "fork": True}, "several things at once"),
    ({"pause": True, "l2": 0.1}, "cannot be set with pause"),
    ({"epoch": 1, "l2": 0.1}, "says where a fork begins"),
]


def test_what_cannot_be_is_refused_at_once_and_the_model_goes_on(tmp_path):
    """All of them while it is trained; none is in the log."""
    said = []

    def ask():
        for asked, _ in REFUSED:
            with pytest.raises(BadInput) as refused:
                sweeps.nudge(tmp_path / "p", **asked)
            said.append(str(refused.value))

    space = {**SPACE, "learning_rate": {"log": [1e-4, 1]}}
    result = babysat(tmp_path / "p", {}, 5, space, config={"learning_rate": 0.01}, end=(3, ask))
    for (_, expected), text in zip(REFUSED, said, strict=True):
        assert re.search(expected, text), text
    assert result.trials["epochs"].tolist() == [5]
    assert not list(LogReader(tmp_path / "p" / "log").every(Nudged))


def test_what_is_refused_in_the_process_is_said_there_and_in_the_log(tmp_path):
    def ask():
        request_nudge(tmp_path / "p", Asked(values={"nothing": 1}, author="eve"))

    babysat(tmp_path / "p", {}, 4, end=(2, ask))
    texts = [event.text for event in LogReader(tmp_path / "p" / "log").every(Noticed)]
    assert any("eve" in text and "nothing: 1 is not a hyperparameter" in text for text in texts)


def test_nobody_can_be_asked_where_nobody_works(tmp_path):
    babysat(tmp_path / "p", {}, 2)
    with pytest.raises(BadInput, match="nobody works on"):
        sweeps.nudge(tmp_path / "p", l2=0.1)
    with pytest.raises(BadInput, match="holds no sweep"):
        sweeps.nudge(tmp_path, l2=0.1)


def test_a_sweep_is_no_panda(tmp_path):
    sweeps.run(lambda config, run: 1.0, space={"x": sweeps.Uniform(0, 1)}, trials=1, finalists=False,
               out=tmp_path / "s", serial=True, progress=False, scheduler="random")  # fmt: skip
    with pytest.raises(BadInput, match="and no panda\n  fix: adopt one of its trials"):
        sweeps.nudge(tmp_path / "s", x=1)


@given(old=some.integers(1, 1000), factor=some.integers(1, 64))
def test_a_factor_of_a_whole_number_stays_whole_where_it_can(old, factor):
    rules = Rules(Space({"n": 1}), lambda config, run: None)
    (value,) = changed({"n": f"*{factor}"}, {"n": old}, {}, rules).values()
    assert (type(value), value) == (int, old * factor)
    assert changed({"n": f"/{factor}"}, {"n": old * factor}, {}, rules) == {"n": old}


@pytest.mark.parametrize("text", ["l2", "=3", "l 2=3"])
def test_a_value_is_written_as_name_and_value(text):
    with pytest.raises(BadInput, match="not of the form name=value"):
        parsed_values([text])


def test_a_panda_begins_with_one_config():
    ranges = {"rate": {"log": [1e-4, 1]}, "l2": 0.0}
    with pytest.raises(BadInput, match=r"space.rate: .* has several values, and a panda begins with one"):
        begun_with(Space(ranges).distributions, {})
    space, first = begun_with(Space(ranges).distributions, {"rate": 0.1, "l2": 0.5})
    assert first == [{"rate": 0.1}]
    assert Space(space).config(Space(space).point({"rate": 0.1}))["l2"] == 0.5


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"what": "fly"}', b'{"what": "set", "branch": "x"}'])
def test_what_is_no_nudge_is_removed(tmp_path, text):
    (tmp_path / REQUESTS).mkdir()
    (tmp_path / REQUESTS / "nudge-00000000000000000001-0a.json").write_bytes(text)
    assert Requests(tmp_path).nudges() == []
    assert not (tmp_path / REQUESTS).exists()


def test_none_is_lost_while_the_folder_comes_and_goes(tmp_path):
    """Reading removes the folder as often as it can, while others write into it.

    One that was read before its writer had heard that it is written may be written again, by the same name.
    """
    reader, found = Requests(tmp_path), {}

    def read():
        for each in reader.nudges():
            found[each.name] = each.values["x"]
            reader.done(each.name)

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(request_nudge, tmp_path, Asked(values={"x": k})) for k in range(20)]
        while not all(each.done() for each in asked):
            read()
    read()
    assert {each.result(): k for k, each in enumerate(asked)} == found


def test_requests_come_in_the_order_in_which_they_were_asked(tmp_path):
    names = [request_nudge(tmp_path, Asked(values={"x": k}, author="ann")) for k in range(5)]
    found = Requests(tmp_path).nudges()
    assert [asked.name for asked in found] == names
    assert [asked.values["x"] for asked in found] == list(range(5))


def halved(config, run):
    """A trainable of one's own, without a check: what it makes of a rate above 1 is a failure."""
    weight = run.restore() or 8.0
    for _ in range(run.start, run.epochs):
        if config["rate"] > 1:
            raise ValueError("too fast")
        weight *= 1 - config["rate"]
        run.save(weight)
        yield {"val_loss": weight}


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, 10**22, float("inf"), float("nan"), "\ud800", "*1e400"],
    ids=["mapping", "beyond 64 bits", "inf", "nan", "half a letter", "factor"],
)
def test_what_no_log_can_keep_is_refused_and_the_run_can_be_read_and_resumed(tmp_path, value):
    def ask():
        with pytest.raises(BadInput, match="rate"):
            sweeps.nudge(tmp_path / "p", rate=value)

    babysat(tmp_path / "p", {}, 4, {"rate": 0.1}, train=halved, data=None, end=(2, ask))
    result = sweeps.resume(tmp_path / "p", train=halved, epochs=6, serial=True, progress=False)
    assert result.trials["epochs"].tolist() == [6]


@pytest.mark.parametrize(
    "asked",
    [
        Asked(values={"rate": {"a": 1}}),
        Asked(values={"rate": 10**22}),
        Asked(values={"rate": "\ud800"}),
        Asked(values={"\ud800": 1}),
    ],
    ids=["mapping", "beyond 64 bits", "half a letter", "half a name"],
)
def test_a_request_that_no_log_can_keep_is_none(tmp_path, asked):
    def ask():
        request_nudge(tmp_path / "p", asked)

    result = babysat(tmp_path / "p", {}, 4, {"rate": 0.1}, train=halved, data=None, end=(2, ask))
    assert result.trials["epochs"].tolist() == [4]
    assert not list(LogReader(tmp_path / "p" / "log").every(Nudged))


def test_a_name_that_is_no_text_is_kept_as_far_as_it_is(tmp_path):
    asks = {2: {"rate": 0.2, "author": "an\udc80n", "reason": "x" * 10_000}}
    result = babysat(tmp_path / "p", asks, 4, {"rate": 0.1}, train=halved, data=None)
    assert result.changes["author"].tolist() == ["an?n"]
    assert len(result.changes["reason"][0]) == 4096


def test_what_others_wrote_is_shown_without_what_a_terminal_obeys():
    nudge = Nudge("set", 0, author="eve\x1b[2J", reason="up\nann: branch 0 is kept alone\x07")
    text = in_words(nudge, described({"name": "a"}, {"name": "b\x1b]0;c\x07"}))
    assert text.isprintable()
    assert text.startswith(r"'eve\x1b[2J': branch 0 goes on with name a → 'b\x1b]0;c\x07'")
    assert r"('up\nann: branch 0 is kept alone\x07')" in text
    assert in_words(Nudge("pause", author="ann", reason="lunch")) == "ann: waits (lunch)"


def test_what_is_refused_in_the_process_is_told_whoever_waits_for_it(tmp_path):
    """The terminal that asks finds nothing wrong where it cannot import the trainable."""

    def picky(config, run):
        yield from halved(config, run)

    def check(config, data):
        if config["rate"] == 0.9:
            raise ValueError("too fast for this one")

    picky.check = check
    told = []

    def person(event):
        if event.kind == "reported" and event.epochs == 2:
            asked = Asked(values={"rate": 0.9}, author="eve", time=1.0)
            told.extend([asked, request_nudge(tmp_path / "p", asked)])

    sweeps.panda(picky, space={"rate": 0.1}, epochs=3, out=tmp_path / "p", progress=False, callbacks=[person])
    with pytest.raises(BadInput) as refused:
        _answer(tmp_path / "p", told[1], told[0])
    assert str(refused.value).startswith("nudge: was refused by the process that trains it: ")
    assert "too fast for this one" in str(refused.value)


def test_a_fork_from_an_epoch_without_a_checkpoint_names_its_own_option(tmp_path):
    def ask():
        with pytest.raises(BadInput, match=r"--from: 7 is an epoch without a checkpoint of branch 0"):
            sweeps.nudge(tmp_path / "p", fork=True, epoch=7, rate=0.2)
        with pytest.raises(BadInput, match=r"^nudge: changes nothing"):
            sweeps.nudge(tmp_path / "p")

    babysat(tmp_path / "p", {}, 4, {"rate": 0.1}, train=halved, data=None, end=(2, ask))


def test_a_model_that_fails_waits_for_a_roll_back(tmp_path):
    asks = {2: {"rate": 2.0}, 3: {"rollback": 1, "rate": 0.5}}
    result = babysat(tmp_path / "p", asks, 4, {"rate": 0.1}, train=halved, data=None)
    assert result.trials["status"].tolist() == ["failed", "completed"]


def test_nothing_begins_at_the_last_epoch(tmp_path):
    def ask():
        with pytest.raises(BadInput, match="nothing would be trained from there"):
            sweeps.nudge(tmp_path / "p", branch=0, fork=True, rate=0.2)

    asks = {3: {"fork": True, "rate": 0.5}}
    babysat(tmp_path / "p", asks, 4, {"rate": 0.1}, train=halved, data=None, end=(5, ask))


def unsaved(config, run):
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": config["rate"] / (epoch + 1)}


def test_a_model_that_was_not_saved_is_not_nudged(tmp_path):
    """It would be trained again from the beginning, and the table would show epochs of two models."""
    result = babysat(tmp_path / "p", {2: {"rate": 0.5}}, 4, {"rate": 0.1}, train=unsaved, data=None)
    assert result.changes.empty
    texts = [event.text for event in LogReader(tmp_path / "p" / "log").every(Noticed)]
    assert any("no checkpoint of epoch" in text for text in texts)


def test_a_model_whose_trainable_cannot_be_imported_is_nudged_all_the_same(tmp_path):
    def nested(config, run):
        yield from halved(config, run)

    result = babysat(tmp_path / "p", {2: {"rate": 0.5}}, 4, {"rate": 0.1}, train=nested, data=None)
    assert result.changes["after"].tolist() == ["0.5"]


def test_text_in_place_of_a_number_is_a_slip_of_the_pen():
    rules = Rules(Space({"rate": 0.1, "kind": "a"}), lambda config, run: {})
    config = {"rate": 0.1, "kind": "a"}
    assert changed({"rate": 0.2, "kind": "b"}, config, config, rules) == {"rate": 0.2, "kind": "b"}
    with pytest.raises(BadInput, match=r"'up' is text, and the space has the number 0\.1"):
        changed({"rate": "up"}, config, config, rules)


def test_a_fork_that_changes_nothing_is_refused(tmp_path):
    """Its branch would be trained twice; one that leaves out a later nudge differs."""

    def ask():
        for values in ({}, {"l2": "*2"}, {"rate": 0.2}):
            with pytest.raises(BadInput, match="--fork: changes nothing: both branches would be equal"):
                sweeps.nudge(tmp_path / "p", values, fork=True)
        with pytest.raises(BadInput, match="--fork: changes nothing"):
            sweeps.nudge(tmp_path / "p", fork=True, epoch=3)
        sweeps.nudge(tmp_path / "p", fork=True, epoch=2)

    space = {"rate": 0.1, "l2": 0.0}
    result = babysat(tmp_path / "p", {2: {"rate": 0.2}}, 6, space, train=halved, data=None, end=(5, ask))
    assert result.trials["parent_epoch"].tolist()[1:] == [2]
