"""The committed splits are what the scripts that wrote them write."""

import csv

import pytest
from bench_detection import SPLITS


def rows(name):
    with open(SPLITS / f"{name}.csv", newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write(path, head, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([head, *lines])


@pytest.mark.parametrize(
    ("name", "count"),
    [("make_foam_split", 1), ("make_shape_split", 1), ("make_synthetic_split", 4)],
)
def test_lists_of_simulated_scenes(script, monkeypatch, tmp_path, name, count):
    module = script(name)
    assert module.SPLITS == SPLITS
    monkeypatch.setattr(module, "SPLITS", tmp_path)
    module.main()
    written = list(tmp_path.iterdir())
    assert len(written) == count
    for path in written:
        assert path.read_bytes() == (SPLITS / path.name).read_bytes()


def test_splits_of_datasets_follow_from_names_and_articles(script, tmp_path):
    make, data, out = script("make_splits"), tmp_path / "data", tmp_path / "out"
    out.mkdir()
    bars = rows("scale_bars")
    for dataset in make.RULES:
        (data / dataset / "images").mkdir(parents=True)
        for row in rows(dataset):
            (data / dataset / "images" / f"{row['name']}.png").touch()
    for dataset in make.SCALE_BAR_GROUPS:
        files = [[row["file"]] for row in bars if row["dataset"] == dataset]
        write(data / dataset / "scalebars.csv", ["file"], files[::-1])
    articles = [[row["name"], row["group"]] for row in rows("emps")]
    write(data / "emps" / "images.csv", ["stem", "source_doi"], articles)
    make.main(["--data", str(data), "--out", str(out)])
    names = {f"{dataset}.csv" for dataset in make.RULES} | {"scale_bars.csv"}
    assert {path.name for path in out.iterdir()} == names
    for name in names:
        assert (out / name).read_bytes() == (SPLITS / name).read_bytes()
