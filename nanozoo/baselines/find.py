"""One call for every classical method: an image in, its particles out."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.core.registry import BASELINES


def find_particles(method: str, image: np.ndarray, **parameters: Any) -> Instances:
    """Find the particles of an image by a registered method.

    Args:
        method: Name in the registry of baselines.
        image: `(H, W)` grey image of any real dtype.
        **parameters: Keyword arguments of the method, for example `tuned_parameters(method)`;
            what is left out keeps the method's default.

    Returns:
        The particles, each with the score 1.0. Those of a method that returns labels
        do not overlap.

    Raises:
        UserError: If there is no such method, or it refuses the image or a parameter.

    Example:
        >>> import numpy as np
        >>> image = np.full((64, 64), 200, np.uint8)
        >>> image[20:30, 20:30] = image[40:52, 40:52] = 50
        >>> len(find_particles("otsu", image, smooth=0.0))
        2
    """
    found = BASELINES.get(method)(image, **parameters)
    return found if isinstance(found, Instances) else Instances.from_labels(found)
