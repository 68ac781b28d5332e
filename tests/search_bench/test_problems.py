"""Problems by name, and what is said of names that there are not."""

import pytest

from benchmarks.search.__main__ import main
from benchmarks.search.problems import load_problems


def test_a_source_or_one_problem_of_it(tmp_path):
    assert [found.name for found in load_problems(tmp_path, ["trained-digits"])] == ["trained-digits"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "'nowhere' is not a source of problems"),
        ("trained-digit", "'trained-digit' is not a problem of trained\n  fix: did you mean trained-digits?"),
    ],
)
def test_an_unknown_name_ends_with_2_and_what_is_valid(name, said, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.csv"
    monkeypatch.setattr(
        "sys.argv", ["search", "--data", str(tmp_path), "--problems", name, "--out", str(out)]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
