"""YAML as specs hold it: numbers and words, what is refused, and where."""

import pytest

from sweeps.errors import BadInput
from sweeps.spec import read_spec, read_yaml
from sweeps.spec.yaml_text import write_yaml


def test_numbers_and_words_in_yaml_are_what_they_look_like():
    text = "a: 1e-5\nb: on\nc: .5\nd: 2024-01-01\ne: 1_000\nf: true\ng: -2.5E+3"
    read = read_yaml(text, "spec")
    assert read == {"a": 1e-5, "b": "on", "c": 0.5, "d": "2024-01-01", "e": 1000, "f": True, "g": -2500.0}


@pytest.mark.parametrize(
    "value", ["1e3", ".5e3", "5E-3", "0777", "1:30", "on", "2024-01-01", "true", 1e-5, 10, "x"]
)
def test_what_is_written_is_read_back(value):
    assert read_yaml(write_yaml({"a": value}), "spec") == {"a": value}


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("b: 2\na: [1", 2, "not valid YAML"),
        ("a: 1\nb: 2\na: 3", 3, "repeats the key a of line 1"),
        ("x: 1\nspace:\n  l2: 0\n  l1: 3\n  l2: 1\n", 5, "repeats the key l2 of line 3"),
        ("b: 2\na: !!python/object:os.system x", 2, "not valid YAML"),
        ("space: " + "[" * 3000 + "]" * 3000, 1, "more than 64 levels deep"),
        ("\n".join("  " * i + "a:" for i in range(500)), 64, "more than 64 levels deep"),
        (LAUGHS, 5, "more than 100,000 values"),
        ("a: 1\nspace: &a [*a]", 2, r"\*a within itself"),
        ("a: 1\nspace: &a {b: {c: *a}}", 2, r"\*a within itself"),
    ],
)
def test_what_is_no_yaml_or_too_much_is_refused_at_its_line(text, line, says):
    with pytest.raises(BadInput, match=says) as caught:
        read_yaml(text, "spec.yaml")
    assert caught.value.place == f"spec.yaml, line {line}"
    assert len(str(caught.value)) < 500
    assert len(str(caught.value).splitlines()) <= 2


def test_anchors_may_be_used():
    text = "x: &x {log: [1e-5, 1]}\ny: *x\nz: {<<: *x, step: 3}\nn: &n 3\nm: [*n, *n]"
    shared = {"log": [1e-5, 1]}
    assert read_yaml(text, "spec") == {
        "x": shared,
        "y": shared,
        "z": {**shared, "step": 3},
        "n": 3,
        "m": [3, 3],
    }


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("trials: 3\n# Größe".encode("latin-1"), "not UTF-8 text: line 2 holds the byte 0xf6"),
        ("trials: 3".encode("utf-16"), "not UTF-8 text"),
        (b"trials: \0\0", "not valid YAML"),
        (b"trials: 3\n" * 100_000, "larger than 256 KiB"),
        (b"k" * 5000 + b": 1", "not valid YAML"),
        (b'"\\e[31mred": 1\nspace: {x: 1}', "stands under a key"),
        (b"", "is missing"),
    ],
)
def test_files_that_are_no_specs_are_refused_on_one_screen(tmp_path, written, says):
    path = tmp_path / "spec.yaml"
    path.write_bytes(written)
    with pytest.raises(BadInput, match=says) as caught:
        read_spec(path)
    said = str(caught.value)
    assert len(said) < 500
    assert all(line.isprintable() for line in said.splitlines())


def test_a_folder_a_missing_file_and_an_endless_one_are_refused(tmp_path):
    for path, says in (
        (tmp_path, "is a folder"),
        (tmp_path / "no", "does not exist"),
        ("/dev/zero", "larger"),
    ):
        with pytest.raises(BadInput, match=says):
            read_spec(type(tmp_path)(path))
    with pytest.raises(BadInput, match="cannot be read"):
        read_spec(type(tmp_path)("a\0b"))


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    (tmp_path / "spec.yaml").write_bytes(b"\xef\xbb\xbftrials: 7\nspace: {x: 1}\n")
    assert read_spec(tmp_path / "spec.yaml").trials == 7
