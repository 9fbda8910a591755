"""The benchmark of embeddings scores what it is given, and keeps specimens whole."""

import numpy as np

from nanozoo.data.labelled_images import LabelledImages


def test_what_only_tells_specimens_apart_scores_until_they_are_kept_whole(script):
    """The first two pixels tell the class, the other two only the specimen."""
    bench, rng = script("bench_texture_patches"), np.random.default_rng(0)
    names = (*sorted(bench.PAIR), "fibres")
    specimen = np.repeat(np.arange(12), 20)
    labels = specimen % 3
    images = np.zeros((240, 2, 2))
    images[:, 0] = 0.5 * np.eye(3)[labels, :2]
    images[:, 1] = rng.random((12, 2))[specimen]
    groups = np.array([f"s{one}_{number // 2 % 10}" for number, one in enumerate(specimen)])
    files = tuple(f"{number}.png" for number in range(240))
    patches = LabelledImages(images, labels, names, groups, files)
    flat = images.reshape(240, 4)
    rows = bench.score(patches, lambda _: {"class": flat[:, :2], "specimen": flat[:, 2:]}, 1)
    found = {(row["features"], row["task"], row["probe"]): row["balanced"] for row in rows}
    assert len(found) == 2 * 3 * 3
    for probe in ("knn", "decision_tree"):
        assert found["class", bench.SPECIMENS, probe] == found["class", bench.SEVEN, probe] == 1
        assert found["specimen", bench.FILLER, probe] > 0.95
        assert found["specimen", bench.SPECIMENS, probe] < 0.8
    text = bench.report(rows)
    assert text.count("| class (2) |") == 9 and "| fibres | 1.000 |" in text
