"""Splits: what is written is read, what is wrong is named."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.samples import Sample
from nanozoo.data.splits import read_split, select, write_split


def samples(tmp_path, *names):
    return [Sample(name, "set", tmp_path / name, tmp_path / name) for name in names]


def test_round_trip_and_selection(tmp_path):
    split = {"a": "train", "b": "test", "c,d": "val", "e": "train"}
    write_split(tmp_path / "s.csv", split, {"a": "one article", "e": "one article"})
    assert read_split(tmp_path / "s.csv") == split
    assert (tmp_path / "s.csv").read_text().splitlines()[:2] == [
        "name,split,group",
        "a,train,one article",
    ]
    chosen = select(samples(tmp_path, "e", "b", "a"), tmp_path / "s.csv", "train")
    assert [sample.name for sample in chosen] == ["e", "a"]


@pytest.mark.parametrize(
    "lines", ["name,split\na,train\na,val", "name,split\na,training", "stem,split\na,train"]
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, lines):
    (tmp_path / "s.csv").write_text(lines + "\n")
    with pytest.raises(UserError, match=r"s\.csv, line"):
        read_split(tmp_path / "s.csv")


def test_missing_samples_and_files(tmp_path):
    write_split(tmp_path / "s.csv", {"a": "train"})
    with pytest.raises(UserError, match="missing from the split"):
        select(samples(tmp_path, "z"), tmp_path / "s.csv", "train")
    with pytest.raises(UserError, match="none.csv"):
        read_split(tmp_path / "none.csv")
    with pytest.raises(UserError, match="'dev'"):
        select([], tmp_path / "s.csv", "dev")
    with pytest.raises(UserError, match="'dev'"):
        write_split(tmp_path / "t.csv", {"a": "dev"})
    assert np.array_equal(list(tmp_path.iterdir()), [tmp_path / "s.csv"])
