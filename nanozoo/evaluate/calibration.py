"""Whether a classifier's probabilities are right, and the temperature that makes them so."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError

_COLDEST, _HOTTEST = 0.05, 20.0


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Find the number that logits are divided by so that the labels are most likely.

    The most probable class stays what it is; only how sure the classifier is changes.

    Args:
        logits: `(N, K)` of examples that were not trained on.
        labels: `(N,)` true classes, from 0.

    Returns:
        The temperature, above 1 for a classifier that is too sure; from 0.05 to 20.

    Raises:
        UserError: If there is no example or a label is out of range.

    Example:
        >>> import numpy as np
        >>> logits = np.array([[4.0, 0.0]] * 4)
        >>> bool(fit_temperature(logits, np.array([0, 0, 0, 1])) > 1)
        True

    References:
        Guo, Pleiss, Sun, Weinberger 2017, https://doi.org/10.48550/arXiv.1706.04599
    """
    logits, labels = _checked(logits, labels)

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(scaled[np.arange(len(labels)), labels].mean())

    bounds = np.log(_COLDEST), np.log(_HOTTEST)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart.

    Args:
        probabilities: `(N, K)`.
        labels: `(N,)` true classes, from 0.
        bins: Bins of confidence of equal width, 1 or more.

    Returns:
        Mean over the examples, in [0, 1], of the difference between the mean confidence and
        the share of right answers in each one's bin.

    Raises:
        UserError: If there is no example, a label is out of range, or `bins` is below 1.

    References:
        Guo, Pleiss, Sun, Weinberger 2017, https://doi.org/10.48550/arXiv.1706.04599
    """
    check_int("bins", bins, 1)
    probabilities, labels = _checked(probabilities, labels)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == one].sum() - right[place == one].sum()) for one in np.unique(place)
    ]
    return float(sum(gaps) / len(labels))


def _checked(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, labels = np.asarray(values, np.float64), np.asarray(labels)
    fits = values.ndim == 2 and labels.shape == (len(values),) and len(values) > 0
    if not fits or labels.min() < 0 or labels.max() >= values.shape[1]:
        raise UserError(
            "Expected a row of values for each label, and labels from 0 below the number of "
            f"columns. Received: shapes {values.shape} and {labels.shape}"
        )
    return values, labels
