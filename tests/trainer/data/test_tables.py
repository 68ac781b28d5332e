"""Tables as people have them: other separators, leaks, odd types; and one screen for what cannot be read."""

import decimal

import numpy as np
import pandas as pd
import pytest

from trainer import DataError, load_data

M = 60
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RNG.normal(size=M), "b": RNG.normal(size=M), "label": RNG.permutation(M) % 2})


def load(path, **form):
    return load_data({"path": str(path), "target": "label", **form})


def csv(folder, text, **form):
    path = folder / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, **form)


def parquet(folder, frame, **form):
    frame.to_parquet(folder / "t.parquet")
    return load(folder / "t.parquet", **form)


def alike(one, other):
    return one.classes == other.classes and all(
        np.array_equal(a, b)
        for some, others in zip(one.splits, other.splits, strict=True)
        for a, b in zip(some, others, strict=True)
    )


def left_out(data):
    return dict(data.preprocessing.features.left_out)


@pytest.fixture
def plain(tmp_path):
    return csv(tmp_path, FRAME.to_csv(index=False))


def test_separators(tmp_path, plain):
    assert plain.hints == ()
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        data = csv(tmp_path, FRAME.to_csv(index=False, sep=separator))
        assert alike(data, plain)
        assert data.hints == (f"t.csv: its columns are taken to be separated by {name}",)
    data = csv(tmp_path, FRAME.to_csv(index=False, sep=";", decimal=","))
    assert alike(data, plain)
    assert data.hints[0].endswith("and commas as decimal points")


def test_decimal_commas_that_come_late_or_beside_dates(tmp_path):
    """In a file of semicolons a comma is in numbers alone, unless others have points."""
    late = [f"{i};{i % 7};{i % 2}" for i in range(50)]
    rows = "\n".join(["a;b;label", *late[:-1], "1,5;3;1"])
    data = csv(tmp_path, rows, standardise=False, columns={"a": "number"})
    assert sorted({x for part, _ in data.splits for x in part[:, 0] if x % 1}) == [1.5]
    dates = "\n".join(["day;a;label", *(f"{i % 28 + 1:02}.03.2024;{i % 7},25;{i % 2}" for i in range(50))])
    data = csv(tmp_path, dates)
    assert [encoder.kind for encoder in data.preprocessing.features.encoders] == ["date", "number"]
    points = "\n".join(["a;b;label", *(f"1,{i:03};{i % 7}.5;{i % 2}" for i in range(50))])
    data = csv(tmp_path, points, standardise=False)
    assert data.x_train[:, 0].min() >= 1000


def test_a_question_mark_is_a_missing_number(tmp_path):
    data = csv(
        tmp_path, "a,label\n" + "".join(f"{i * i % 17 if i % 3 else '?'},{i % 2}\n" for i in range(60))
    )
    assert data.preprocessing.features.features == ("a", "a is missing")
    text = "a,label\n" + "".join(f"{i * i % 17},{i / 7 if i % 9 else '?'}\n" for i in range(60))
    data = csv(tmp_path, text)
    assert data.task == "regression"
    assert sum(len(y) for _, y in data.splits) == 53


@pytest.mark.parametrize("large", [0, 1 << 24])
def test_ids_are_left_out_of_files_of_any_size(tmp_path, large, monkeypatch):
    monkeypatch.setattr("trainer.data.read.csv._LARGE", large)
    names = {"row": range(M), "customer_id": RNG.permutation(M) + 1000, "paid": RNG.permutation(M) * 7}
    data = csv(tmp_path, FRAME.assign(**names).to_csv(index=False))
    assert set(left_out(data)) == {"row", "customer_id"}


def test_semicolons_within_fields_separate_nothing(tmp_path):
    text = "a;b,label\n" + "".join(f"{i * i % 7},{'x;y' if i % 2 else 'z;u'}\n" for i in range(M))
    data = csv(tmp_path, text)
    assert (data.features, data.classes) == (1, ("x;y", "z;u"))


def test_blanks_after_commas_a_mark_at_the_beginning_and_lines_within_quotes(tmp_path, plain):
    spaced = FRAME.to_csv(index=False).replace(",", ", ")
    assert alike(csv(tmp_path, spaced), plain)
    assert alike(csv(tmp_path, spaced, target=" label"), plain)
    header, _, rows = spaced.partition("\n")
    padded = f" {header.replace(',', ' ,')} \n{rows}"
    assert padded.startswith(" a , b , label \n")
    for target in ("label", " label ", "label "):
        assert alike(csv(tmp_path, padded, target=target), plain)
    with pytest.raises(DataError) as raised:
        csv(tmp_path, padded, target="lable")
    assert raised.value.fix == "did you mean label? Valid: a, b, label"
    assert alike(csv(tmp_path, FRAME.to_csv(index=False).encode("utf-8-sig")), plain)
    assert alike(csv(tmp_path, FRAME[["label", "a", "b"]].to_csv(index=False).encode("utf-8-sig")), plain)
    quoted = FRAME.assign(label=np.where(FRAME.label, "no,\nnever", 'yes "always"'))
    assert csv(tmp_path, quoted.to_csv(index=False)).classes == ("no,\nnever", 'yes "always"')


WRONG = [
    # the text of a file, in the rule, in the fix
    (FRAME.assign(again=FRAME.label).to_csv(index=False).replace("again", "label"), "stands 2 times", "drop"),
    (FRAME.iloc[:0].to_csv(index=False), "a header alone, and no rows", "one row"),
    (
        FRAME.assign(c=[np.inf, *FRAME.a[1:]]).to_csv(index=False),
        "1 infinite values in the feature c",
        "drop",
    ),
    (FRAME.assign(label="").to_csv(index=False), "60 missing labels", "drop"),
    (FRAME.assign(a=1, b=None).to_csv(index=False), "no column to learn from: a is the same", "varies"),
    ("a,b,label\n1,2,x\n3,4\n", "line 3 has 2 fields, and the header has 3: 3,4", "as many fields"),
    ("a,label\r\n\r\n1,x\r\n2\r\n", "line 4 has 1 field, and the header has 2: 2", "as many fields"),
    ('a,label\n1,"x\ny"\n2,x,3\n', "line 4 has 3 fields, and the header has 2: 2,x,3", "as many fields"),
    (FRAME.to_csv(index=False) + "1,2\n", f"line {len(FRAME) + 2} has 2 fields", "as many fields"),
    (FRAME.to_csv(index=False) + f"{'1' * 2**18},2\n", "Expected 3 columns, got 2", "as many fields"),
    (FRAME.to_csv(index=False, sep="|"), "is not a column of t.csv", "separated otherwise"),
    (FRAME.to_csv(index=False).encode("utf-16-le"), "not written in UTF-8", "save it as UTF-8"),
]


@pytest.mark.parametrize(("text", "rule", "fix"), WRONG, ids=[rule for _, rule, _ in WRONG])
def test_tables_that_cannot_be_used(tmp_path, text, rule, fix):
    with pytest.raises(DataError) as raised:
        csv(tmp_path, text)
    assert rule in raised.value.rule
    assert fix in raised.value.fix
    assert len(str(raised.value)) < 600


def test_a_mistyped_target_among_thousands(tmp_path):
    wide = pd.DataFrame(np.zeros((3, 5000))).add_prefix("gene_").assign(label=[0, 1, 0])
    with pytest.raises(DataError) as raised:
        csv(tmp_path, wide.to_csv(index=False), target="lable")
    assert raised.value.fix.startswith("did you mean label? Valid: label, gene_0, gene_1")
    assert raised.value.fix.endswith("and 4,991 more")
    assert len(str(raised.value)) < 400


def test_names_cannot_write_on_the_terminal(tmp_path):
    with pytest.raises(DataError) as raised:
        csv(tmp_path, "\x1b[31mred,label\nx,1\ny,2\n")
    assert "\x1b" not in str(raised.value)


def test_a_name_that_stands_twice_among_the_features(tmp_path, plain):
    data = csv(tmp_path, FRAME.rename(columns={"b": "a"}).to_csv(index=False))
    assert alike(data, plain)
    assert data.hints == ("t.csv: more than one column has the name a; all are features",)
    data = csv(tmp_path, "a,a,a.1,label\n" + "".join(f"{i},{i * i},{i % 7},{i % 2}\n" for i in range(M)))
    assert {encoder.name for encoder in data.preprocessing.features.encoders} == {"a.2", "a.1"}


def test_an_index_that_was_written_as_a_column(tmp_path, plain):
    for text in (FRAME.to_csv(), FRAME.to_csv(index_label="Unnamed: 0")):
        data = csv(tmp_path, text)
        assert alike(data, plain)
        assert "Unnamed: 0" in left_out(data)


def test_other_encodings(tmp_path, plain):
    umlaut = FRAME.rename(columns={"a": "ä"})
    for encoding, hints in (("utf-16", 0), ("cp1252", 1)):
        data = csv(tmp_path, umlaut.to_csv(index=False).encode(encoding))
        assert alike(data, plain)
        assert data.preprocessing.features.features == ("ä", "b")
        assert len(data.hints) == hints


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("t.tsv", lambda path: FRAME.to_csv(path, index=False, sep="\t")),
        ("t.csv.gz", lambda path: FRAME.to_csv(path, index=False)),
        ("t.CSV.bz2", lambda path: FRAME.to_csv(path, index=False, compression="bz2")),
        ("t.feather", lambda path: FRAME.to_feather(path)),
    ],
)
def test_other_kinds_of_files(tmp_path, plain, name, write):
    write(tmp_path / name)
    assert alike(load(tmp_path / name), plain)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    if name != "t.tsv":  # of which half is a table as well
        with pytest.raises(DataError, match="cannot be read as"):
            load(tmp_path / name)


def test_what_polars_writes(tmp_path):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": list("xyz") * 20, "label": [0, 1] * 30})
    frame.write_ipc(tmp_path / "p.arrow")
    assert load(tmp_path / "p.arrow").features == 3


def test_rows_without_a_label_are_left_out(tmp_path):
    frame = FRAME.assign(label=np.where(np.arange(M) < 3, None, FRAME.label.astype(object)))
    for data in (csv(tmp_path, frame.to_csv(index=False)), parquet(tmp_path, frame)):
        assert sum(len(y) for _, y in data.splits) == M - 3
        assert [hint.partition(": ")[2] for hint in data.hints] == [
            "3 of 60 rows have no label, and are left out"
        ]
        assert data.classes == ("0", "1")


def test_an_index_in_parquet(tmp_path):
    kept = FRAME[FRAME.a > -1]
    assert parquet(tmp_path, kept).features == 2  # pandas notes which column is the index
    written = kept.rename_axis("__index_level_0__").reset_index()
    written.to_parquet(tmp_path / "t.parquet", index=False)
    data = load(tmp_path / "t.parquet")
    assert data.features == 2
    assert left_out(data) == {"__index_level_0__": "has no name, as an index that was written into a file"}


@pytest.mark.parametrize("save", [lambda folder, frame: csv(folder, frame.to_csv(index=False)), parquet])
def test_hints_by_name(tmp_path, save):
    frame = FRAME.assign(visit=np.arange(M) ** 2, sold=np.where(FRAME.label, 7.5, -1), near=FRAME.label)
    frame.loc[M - 1, "near"] = 1 - frame.loc[M - 1, "near"]
    repeats, counts = save(tmp_path, frame).hints
    assert repeats.startswith("sold repeats label in every row")
    assert counts.startswith("visit counts up from row to row")
    frame = frame.assign(again=frame.sold, number=np.arange(M) ** 2 + 1)
    repeats, counts = save(tmp_path, frame).hints
    assert repeats.startswith("sold, again repeat label")
    assert counts.startswith("visit, number count up")


def test_hints_of_a_regression(tmp_path):
    frame = FRAME.assign(label=FRAME.a * 3, copy=FRAME.a * 3)
    hints = parquet(tmp_path, frame, task="regression").hints
    assert [hint.split()[0] for hint in hints] == ["copy"]


def test_types_of_parquet(tmp_path):
    frame = FRAME.assign(
        price=[decimal.Decimal("1.50") * i for i in range(M)], kind=pd.Categorical(FRAME.label)
    )
    floats = frame.assign(price=1.5 * np.arange(M))
    assert alike(
        parquet(tmp_path, frame.drop(columns="kind")), parquet(tmp_path, floats.drop(columns="kind"))
    )
    assert parquet(tmp_path, frame.drop(columns="label"), target="kind").classes == ("0", "1")
    with pytest.raises(DataError, match="no single labels") as raised:
        parquet(tmp_path, FRAME.assign(label=[[1, 0], [0, 1]] * (M // 2)))
    assert "index of its 1" in raised.value.fix


@pytest.mark.parametrize("large", [0, 1 << 24])
def test_a_column_that_is_of_another_type_far_down(tmp_path, large, monkeypatch):
    monkeypatch.setattr("trainer.data.read.csv._LARGE", large)
    # More than a block of Arrow's, whose types are tried on all others.
    rows = [f"{i % 3},{i % 7},{i % 2}\n" for i in range(200_000)]
    data = csv(tmp_path, f"a,b,label\n{''.join(rows)}2.5,1,1\n", standardise=False)
    assert max(x[:, 0].max() for x, _ in data.splits) == 2.5
    rows += ["red,1,1\n"] * 10
    assert (
        "a: text that is read as numbers; red counts as missing"
        in csv(tmp_path, f"a,b,label\n{''.join(rows)}").hints
    )
