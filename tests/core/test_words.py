"""Numbers in sentences."""

import pytest

from nanozoo.core.words import count_of, plain


@pytest.mark.parametrize(("count", "words"), [(0, "0 images"), (1, "1 image"), (12, "12 images")])
def test_one_has_no_plural(count, words):
    assert count_of(count, "image") == words


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.123456, "0.1235"),
        (23.0, "23"),
        (9999.4, "9999"),
        (35309.2, "35309"),
        (-126800.4, "-126800"),
        (3.2e7, "3.2e+07"),
        (float("nan"), "nan"),
    ],
)
def test_sizes_in_nanometres_of_large_particles_have_no_power_of_ten(value, written):
    assert plain(value) == written
