"""Images become points, and every number says what it is worth."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

import nanozoo
from nanozoo.core.errors import UserError
from nanozoo.engines.embedder import Embedder
from nanozoo.io.micrograph import read_micrograph
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.vae import build_autoencoder, build_vae
from nanozoo.synth.foam_families import FoamSource
from nanozoo.workflows.embed import embed_images

SOURCE = FoamSource(seed=5, side=64)
NUMBERS = [12 * micrograph + family for micrograph in range(4) for family in range(3)]


@pytest.fixture(scope="module")
def foams(tmp_path_factory) -> Path:
    """Folders of three families with a patch of each of four micrographs, and their table."""
    folder = tmp_path_factory.mktemp("foams")
    lines = ["file,class,group"]
    for number in NUMBERS:
        family = SOURCE.classes[number % 3]
        put(folder / family / f"{number:02d}.png", SOURCE.patch(number)[0])
        lines.append(f"{family}/{number:02d}.png,{family},{SOURCE.group(number)}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


def put(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)
    return path


def folders(foams: Path) -> list[Path]:
    return [foams / name for name in SOURCE.classes]


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def values(table: list[dict[str, str]], name: str) -> np.ndarray:
    columns = sorted(column for column in table[0] if column.startswith(f"{name}_"))
    return np.array([[float(row[column]) for column in columns] for row in table])


@pytest.fixture(scope="module")
def whole(foams, tiny_vae, tmp_path_factory):
    """A run with everything."""
    out = tmp_path_factory.mktemp("embedded")
    found = embed_images(
        folders(foams), tiny_vae, out, labels=foams / "labels.csv", walk=True, neighbours=3
    )
    return found, out


def test_tables_hold_what_the_network_says(whole, foams, tiny_vae):
    found, out = whole
    table = rows(out / "embeddings.csv")
    assert [row["class"] for row in table] == [Path(row["file"]).parent.name for row in table]
    embedder = Embedder(tiny_vae)
    images = [read_micrograph(row["file"]).pixels for row in table]
    again = embedder.embed(embedder.prepare(images))
    np.testing.assert_allclose(values(table, "mean"), again.mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(values(table, "sigma"), again.sigma, rtol=1e-4)
    groups = {row["image"]: row["group"] for row in table}
    assert len(set(groups.values())) == 12
    near = rows(out / "neighbours.csv")
    assert len(near) == 12 * 3
    assert all(groups[row["image"]] != groups[row["neighbour"]] for row in near)
    assert {(row["vector"], row["first"]) for row in rows(out / "distances.csv")} == {
        (vector, name) for vector in ("mean", "sigma") for name in SOURCE.classes
    }
    probes = rows(out / "probes.csv")
    assert len(probes) == 9 and {row["vector"] for row in probes} == {"mean", "sigma", "z"}
    assert {(row["folds"], row["groups"]) for row in probes} == {("4", "12")}
    lost = [row["dimension"] for row in rows(out / "dimensions.csv") if row["collapsed"] == "1"]
    assert lost == [str(number) for number in found.use.collapsed]
    assert not found.notes and not found.errors


def test_figures_and_report_are_there_and_whole(whole):
    found, out = whole
    names = {path.name for path in out.iterdir()}
    assert names == {path.name for path in found.written}
    pictures = {name for name in names if name.endswith(".png")}
    assert pictures == {
        "map.png", "map_lda.png", "distances.png", "walk.png", "interpolation.png",
        "latent_maps.png",
    }  # fmt: skip
    assert all(read_micrograph(out / name).pixels.std() > 0 for name in pictures)
    page = (out / "report.html").read_text("utf-8")
    assert page.count("<img") == len(pictures)
    for said in (found.use.sentence, "tiny_vae", "latent_dim", "neighbours", "seed", "sha256"):
        assert said.replace("sha256", "weights: ") in page


def test_folders_are_classes_and_a_lesser_run_leaves_nothing_of_an_earlier_one(
    foams, tiny_vae, tmp_path
):
    with pytest.warns(UserWarning, match="no column group"):
        found = embed_images(folders(foams)[:2], tiny_vae, tmp_path, vector="mean")
    assert found.read.class_names == ("cuni1", "cuni2")
    assert (tmp_path / "distances.png").exists() and not (tmp_path / "map_lda.png").exists()
    few = folders(foams)[0]
    with pytest.warns(UserWarning) as caught:
        found = embed_images(few, tiny_vae, tmp_path)
    said = " ".join(str(one.message) for one in caught)
    assert (
        "No image has a class" in said and "no more images (4) than latent dimensions (5)" in said
    )
    assert not found.compared.separations and found.read.class_names == ("",)
    assert {path.name for path in tmp_path.iterdir()} == {
        "embeddings.csv", "dimensions.csv", "map.png", "neighbours.csv", "report.html",
    }  # fmt: skip
    page = (tmp_path / "report.html").read_text("utf-8")
    assert all(note.split(":")[0] in page for note in found.notes)


def test_what_cannot_be_used_is_named_and_the_rest_goes_on(foams, tiny_vae, tmp_path):
    given = tmp_path / "in"
    put(given / "flat.png", np.full((40, 40), 90, np.uint8))
    (given / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    frames = np.random.default_rng(0).integers(0, 256, (3, 40, 40), np.uint8)
    cv2.imwritemulti(str(given / "stack.tif"), list(frames))
    table = tmp_path / "labels.csv"
    table.write_text("file,class\nstack.tif,noise\nflat.png,none\ntorn.png,none\nelse.png,none\n")
    put(given / "unlisted.png", frames[0])
    with pytest.warns(UserWarning) as caught:
        found = embed_images(given, tiny_vae, tmp_path / "out", labels=table, walk=True)
    named = sorted(next(n for n in ("flat", "torn", "unlisted") if n in e) for e in found.errors)
    assert named == ["flat", "torn", "unlisted"]
    assert len(set(found.read.names)) == 3
    assert all(name.startswith("stack_") for name in found.read.names)
    assert len(set(found.read.groups)) == 1
    said = " ".join(str(one.message) for one in caught)
    assert "of the class 'noise'" in said and "none of the images: 1" in said
    assert found.compared.neighbours.indices.shape == (3, 2)


def test_a_single_image_is_embedded_and_no_more(foams, tiny_vae, tmp_path):
    with pytest.warns(UserWarning, match="fewer than three"):
        found = embed_images(foams / "cuni1" / "00.png", tiny_vae, tmp_path, walk=True)
    assert found.use is None and found.compared.neighbours is None
    assert {path.name for path in tmp_path.iterdir()} == {
        "embeddings.csv", "walk.png", "latent_maps.png", "report.html",
    }  # fmt: skip


def test_classes_of_one_group_and_of_one_image(foams, tiny_vae, tmp_path):
    lines = (foams / "labels.csv").read_text().splitlines()
    kept = [line for line in lines if "cuni2" not in line]
    alone = next(line for line in lines if "cuni2" in line)
    (tmp_path / "labels.csv").write_text("\n".join([*kept, alone]) + "\n")
    with pytest.warns(UserWarning) as caught:
        found = embed_images(
            folders(foams), tiny_vae, tmp_path / "out", labels=tmp_path / "labels.csv"
        )
    said = " ".join(str(one.message) for one in caught)
    assert "cuni2 is left out" in said and "No probes" in said and "No map by LDA" in said
    assert {one.first for one in found.compared.separations["sigma"]} == {"cuni1", "cuni3"}
    assert not found.compared.probes and len(found.errors) == 3


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("file,kind\n00.png,foam\n", "columns file, class"),
        ("file,class,group\n00.png,foam,\n", "line 2"),
        ("file,class\n00.png,foam\n00.png,foam\n", "twice"),
        ("file,class\nno.png,foam\n", "none of the 4 images"),
        ("file,class\n", "names no image"),
    ],
)
def test_tables_that_do_not_do_are_refused(foams, tiny_vae, tmp_path, table, words):
    (tmp_path / "labels.csv").write_text(table)
    with pytest.raises(UserError, match=words):
        embed_images(foams / "cuni1", tiny_vae, tmp_path / "out", labels=tmp_path / "labels.csv")
    assert not (tmp_path / "out").exists()


def test_a_plain_autoencoder_has_means_alone(foams, tmp_path):
    arguments = {"latent_dim": 3, "filters": [4, 8]}
    save_checkpoint(
        build_autoencoder((32, 32, 1), **arguments),
        tmp_path / "plain",
        name="plain",
        builder="autoencoder",
        arguments=arguments,
        classes=(),
        inference={"size": 32, "cropped": 0.0},
    )
    with pytest.raises(UserError, match="vector='sigma'"):
        embed_images(foams / "cuni1", tmp_path / "plain", tmp_path / "out", vector="sigma")
    found = embed_images(
        folders(foams), tmp_path / "plain", tmp_path / "out", labels=foams / "labels.csv"
    )
    assert {vector for vector, _ in found.compared.probes} == {"mean"}
    assert rows(tmp_path / "out" / "dimensions.csv")[0]["kl_nats"] == ""
    assert "sigma_000" not in rows(tmp_path / "out" / "embeddings.csv")[0]


def test_a_space_that_has_collapsed_is_reported(foams, tmp_path):
    arguments = {"latent_dim": 3, "filters": [4, 8]}
    model = build_vae((32, 32, 1), **arguments)
    model.get_layer("mean").kernel.assign(np.zeros(model.get_layer("mean").kernel.shape))
    inference = {"size": 32, "cropped": 0.0}
    about = {"builder": "vae", "arguments": arguments, "classes": (), "inference": inference}
    save_checkpoint(model, tmp_path / "flat", name="flat", **about)
    out, table = tmp_path / "out", foams / "labels.csv"
    with pytest.warns(UserWarning) as caught:
        found = embed_images(folders(foams), tmp_path / "flat", out, labels=table, walk=True)
    said = " ".join(str(one.message) for one in caught)
    for missing in ("No distances of sigma", "No probes on mean", "No map", "No walks"):
        assert missing in said
    page = (out / "report.html").read_text("utf-8")
    assert "0 of 3 dimensions are used; 3 are collapsed: 0, 1, 2." in page
    assert {vector for vector, _ in found.compared.probes} == {"z"}


def test_wrong_arguments_leave_nothing(foams, tiny_vae, tmp_path):
    out = tmp_path / "out"
    flat = put(tmp_path / "in" / "flat.png", np.full((40, 40), 90, np.uint8))
    with pytest.raises(UserError, match="No image could be embedded. .*flat.png.* constant"):
        embed_images(flat, tiny_vae, out)
    with pytest.raises(UserError, match="neighbours=0"):
        nanozoo.embed_images(foams / "cuni1", tiny_vae, out, neighbours=0)
    assert not out.exists()
    (out / "report.html").mkdir(parents=True)
    with pytest.raises(UserError, match="Cannot write"):
        embed_images(foams / "cuni1", tiny_vae, out)
    assert [path.name for path in out.iterdir()] == ["report.html"]
