"""Models that version 0.1 saved: every later version reads them and predicts the same."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trainer import load_model

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("name", ["classes-0.1", "quantity-0.1"])
def test_it_predicts_as_it_did(name):
    model = load_model(FIXTURES / name / "model")
    expected = json.loads((FIXTURES / name / "expected.json").read_text())
    path = FIXTURES / name / "rows.csv"
    for rows in (path, pd.read_csv(path)):
        # Sums of six products in float32, in whatever order a BLAS has.
        np.testing.assert_allclose(model.outputs(rows), expected["outputs"], rtol=1e-4, atol=1e-5)
        if model.classes:
            assert model.predict(rows).tolist() == expected["prediction"]
            np.testing.assert_allclose(model.predict_proba(rows), expected["probabilities"], atol=1e-5)
        else:
            np.testing.assert_allclose(model.predict(rows), expected["prediction"], rtol=1e-6)


def test_the_ensemble_has_both_networks():
    assert len(load_model(FIXTURES / "quantity-0.1" / "model").networks) == 2
    assert load_model(FIXTURES / "classes-0.1" / "model").about["origin"] == {"trial": 7}
