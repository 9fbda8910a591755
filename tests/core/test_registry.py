"""Registries: names, duplicates, close matches."""

import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.registry import Registry


@pytest.fixture
def registry():
    colours = Registry("colour")

    @colours.register("red", tags=("warm",), test_kwargs={"size": 1}, reference="Newton 1704")
    def red():
        """Long waves.

        And more.
        """

    colours.register("blue", tags=("cold",))(len)
    return colours


def test_entry_carries_object_and_metadata(registry):
    entry = registry.entry("red")
    assert (entry.name, entry.tags, entry.reference) == ("red", ("warm",), "Newton 1704")
    assert entry.test_kwargs == {"size": 1}
    assert entry.summary == "Long waves."
    assert registry.get("blue") is len


def test_names_are_sorted_and_filtered_by_tag(registry):
    assert registry.names() == ["blue", "red"]
    assert registry.names("warm") == ["red"]
    assert [entry.name for entry in registry] == ["blue", "red"]
    assert len(registry) == 2 and "red" in registry and "green" not in registry


def test_a_duplicate_is_refused_and_the_first_stays(registry):
    with pytest.raises(ValueError, match="'red'"):
        registry.register("red")(print)
    assert registry.get("red") is not print


def test_an_unknown_name_lists_close_matches(registry):
    with pytest.raises(UserError, match="no colour called 'blu'. Did you mean blue"):
        registry.get("blu")
    with pytest.raises(UserError, match="Available: blue, red"):
        registry.get("xyzzy")
