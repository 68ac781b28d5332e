"""The plots of a comparison."""

import pandas as pd
import pytest

from benchmarks.search.plot import draw, main

pytest.importorskip("matplotlib")


def results():
    rows = []
    for peer, factor in (("caviar", 0.5), ("random", 1.0)):
        for workers in (1, 4):
            scores = {"score_5": 1.0 * factor, "score_10": 0.8 * factor}
            key = {"source": "toy", "problem": "toy-a", "peer": peer, "workers": workers, "seed": 0}
            own = {"busy": 1.0, "trials": 9, "deciding": 0.1, "seconds": 1.0, "zero": 0.0, "one": 1.0}
            rows.append({**key, **own, **scores})
    return pd.DataFrame(rows)


def test_equal_results_give_equal_pictures_that_name_every_peer(tmp_path):
    for name in ("a.svg", "b.svg"):
        draw(results(), "toy", tmp_path / name)
    picture = (tmp_path / "a.svg").read_text()
    assert picture == (tmp_path / "b.svg").read_text()
    assert all(f"<!-- {text} -->" in picture for text in ("caviar", "random", "toy, 4 workers"))


def test_a_source_without_rows_is_said(tmp_path, monkeypatch, capsys):
    path = tmp_path / "search.csv"
    results().to_csv(path, index=False)
    monkeypatch.setattr(
        "sys.argv", ["plot", str(path), "--source", "fcnet", "--out", str(tmp_path / "a.svg")]
    )
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "--source fcnet" in capsys.readouterr().err
    assert not (tmp_path / "a.svg").exists()
