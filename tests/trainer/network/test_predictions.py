"""A network in use: without dropout, and an example at a time as well as many."""

import numpy as np
import pytest

from tests.trainer.libraries import DEVICES, backend
from tests.trainer.problems import problem

# Three layers' sums of at most 5 terms below 10, and the roundings of a normalisation by ε = 0.1 or more,
# which makes errors three times as large.
TOLERANCE = 3 * 5 * 10 * 3 * 2.0**-53


def statistics_of(case):
    """What the running statistics are where each minibatch has been this one: its own."""
    normalised = case.network.forward(case.params, case.inputs).normalised
    return {
        f"{kind}{layer}": getattr(each, kind)
        for layer, each in normalised.items()
        for kind in ("mean", "variance")
    }


@pytest.mark.parametrize("hidden", [(), (4, 5)], ids=len)
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
def test_predictions_are_the_outputs_without_dropout(batch_norm, hidden):
    case = problem(hidden, batch_norm=batch_norm)
    found = case.network.predict(case.params, statistics_of(case), case.X)
    expected = case.network.forward(case.params, case.inputs).outputs
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch_norm"])
def test_an_example_alone_is_predicted_as_among_others(batch_norm):
    case = problem((4, 5), batch_norm=batch_norm)
    statistics = statistics_of(case)
    together = case.network.predict(case.params, statistics, case.X)
    for i, x in enumerate(case.X):
        alone = case.network.predict(case.params, statistics, x[None])
        np.testing.assert_allclose(alone[..., 0], together[..., i], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("device", DEVICES)
def test_passes_leave_params_statistics_and_examples_alone(device, activation):
    library, case = backend(device), problem((4, 5), activation=activation)
    params = {name: library.array(p.copy()) for name, p in case.params.items()}
    X = library.array(case.X.copy())
    outputs = case.network.predict(params, {}, X)
    passed = case.network.forward(params, [(slice(0, 3), X)])
    grads = {name: library.array(np.full(p.shape, np.nan)) for name, p in case.params.items()}
    case.network.backward(params, passed, library.array(case.T), grads)
    assert np.array_equal(library.numpy(X), case.X)
    assert all(np.array_equal(library.numpy(params[name]), p) for name, p in case.params.items())
    expected = case.network.predict(case.params, {}, case.X)
    np.testing.assert_allclose(library.numpy(outputs), expected, rtol=0, atol=TOLERANCE)
    for name, expected in case.grads().items():
        # And back again.
        np.testing.assert_allclose(library.numpy(grads[name]), expected, rtol=0, atol=2 * TOLERANCE)
