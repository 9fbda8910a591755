import pytest

from nanozoo.core.units import nm_per_unit


@pytest.mark.parametrize(
    "name, expected",
    [
        ("nm", 1.0),
        (" NM ", 1.0),
        ("\N{MICRO SIGN}m", 1e3),
        ("\N{GREEK SMALL LETTER MU}m", 1e3),
        ("um", 1e3),
        ("\\u00b5m", 1e3),
        ("Å", 0.1),
        ("\N{ANGSTROM SIGN}", 0.1),
        ("mm", 1e6),
        ("inch", None),
        ("", None),
    ],
)
def test_units_of_length_in_nanometres(name, expected):
    assert nm_per_unit(name) == expected
