"""Settings that several tests of scenes share."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def clean() -> dict[str, Any]:
    """Settings of a scene without noise, blur, texture and spread, in 16 bits."""
    return {
        "dose": float("inf"),
        "defocus": 0.0,
        "support_texture": 0.0,
        "thickness_gradient": 0.0,
        "contrast_spread": 0.0,
        "grain": 0.0,
        "scale_bar": "none",
        "bit_depth": 16,
    }
