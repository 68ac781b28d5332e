"""Problems by name, and what is said of names that there are not."""

from importlib import import_module

import pytest

from benchmarks.search.__main__ import main
from benchmarks.search.problems import SOURCES, load_problems


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


@pytest.mark.parametrize("source", ["lcbench", "lcbench_kept", "misled", "misled_start"])
def test_problems_are_named_after_their_source(source, tmp_path, monkeypatch):
    folder = tmp_path / "lcbench_surrogate"
    folder.mkdir()
    (folder / "dev_tasks.json").write_text('["3945"]')
    (folder / "config_space.json").write_text(
        '{"hyperparameters": [{"name": "OpenML_task_id", "choices": ["3945", "7593"]}]}'
    )
    for module in ("lcbench", "misled"):  # by their paths: the package has functions of the same names
        monkeypatch.setattr(
            import_module(f"benchmarks.search.problems.{module}"), "Surrogate", lambda at: None
        )
    task = "7593" if source == "lcbench_kept" else "3945"
    assert [problem.name for problem in SOURCES[source](tmp_path)] == [f"{source}-{task}"]
