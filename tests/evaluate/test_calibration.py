import numpy as np
import pytest
from scipy.special import softmax

from nanozoo.core.errors import UserError
from nanozoo.evaluate.calibration import calibration_error, fit_temperature


def drawn(temperature: float, seed: int = 0, count: int = 20_000):
    """Logits, and labels drawn from the probabilities that they give at a temperature."""
    rng = np.random.default_rng(seed)
    logits = 3.0 * rng.standard_normal((count, 4))
    chances = softmax(logits / temperature, axis=1)
    labels = (rng.random((count, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    return logits, np.minimum(labels, 3)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_labels_were_drawn_at_is_found(temperature):
    logits, labels = drawn(temperature)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(temperature, rel=0.04)
    wrong = calibration_error(softmax(logits / (3 * temperature), axis=1), labels)
    assert calibration_error(softmax(logits / found, axis=1), labels) < 0.02 < wrong


def test_calibration_error_by_hand():
    probabilities = np.array([[0.95, 0.05]] * 4 + [[0.45, 0.55]] * 2)
    labels = np.array([0, 0, 0, 1, 1, 1])
    wanted = (4 * abs(0.95 - 0.75) + 2 * abs(0.55 - 1.0)) / 6
    assert calibration_error(probabilities, labels) == pytest.approx(wanted)
    assert calibration_error(np.eye(3), np.arange(3)) == 0.0


@pytest.mark.parametrize(
    "logits, labels",
    [
        (np.zeros((0, 2)), np.zeros(0, int)),
        (np.zeros((2, 2)), np.array([0, 2])),
        (np.zeros((2, 2)), np.array([-1, 0])),
        (np.zeros((2, 2)), np.array([0])),
    ],
)
def test_labels_that_do_not_fit_are_refused(logits, labels):
    with pytest.raises(UserError, match="label"):
        fit_temperature(logits, labels)
    with pytest.raises(UserError, match="label"):
        calibration_error(logits, labels)
