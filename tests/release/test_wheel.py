"""The wheel holds the package whole and nothing else, and works far from the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import yaml

import nanozoo

ROOT = Path(__file__).parents[2]
PYPI_LIMIT = 100 * 2**20
"""Bytes of the largest file that PyPI takes without being asked."""
NEEDED = ("setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
BESIDE = ("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "constraints.txt")


def files_of_the_package() -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / "nanozoo").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Folder of the sdist and of the wheel that was made of it."""
    folder = tmp_path_factory.mktemp("release")
    source = folder / "source"
    shutil.copytree(
        ROOT / "nanozoo", source / "nanozoo", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "tests", source / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*NEEDED, *BESIDE):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(folder / "dist"), str(source)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    yield folder / "dist"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    return next(built.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_is_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if not name.endswith("/")}
        (metadata,) = (name for name in inside if name.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(archive.read(metadata).decode())
    information = {name for name in inside if name.startswith("nanozoo-")}
    assert inside - information == files_of_the_package()
    assert any(name.endswith("licenses/LICENSE") for name in information)
    assert {"nanozoo/py.typed", "nanozoo/baselines/tuned.json"} < inside
    assert about["Version"] == nanozoo.__version__ and about["Requires-Python"] == ">=3.11"
    assert about["License"] == "Apache-2.0"
    assert about["Description-Content-Type"] == "text/markdown"
    assert about.get_payload().startswith("# nanozoo")


@pytest.mark.slow
def test_the_source_has_what_belongs_to_a_release(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {*NEEDED, *BESIDE, *files_of_the_package()} <= inside
    assert not [name for name in inside if name.startswith(("tests", "notebooks", "benchmarks"))]


@pytest.mark.slow
def test_the_size_that_the_readme_states(wheel):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    stated = re.search(r"The wheel is (\d+) MB", readme)
    assert stated, "README.md states no size"
    assert int(stated[1]) == pytest.approx(wheel.stat().st_size / 1e6, rel=0.03)


@pytest.mark.slow
def test_pypi_would_take_both(built):
    sizes = {path.name: path.stat().st_size for path in built.iterdir()}
    assert len(sizes) == 2 and max(sizes.values()) < PYPI_LIMIT


@pytest.mark.slow
def test_it_works_from_elsewhere(wheel, tmp_path):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True)
    env = {**os.environ, "PYTHONPATH": str(site)}

    def run(*words: str) -> dict:
        done = subprocess.run(
            [sys.executable, "-m", "nanozoo", *words, "--json"],
            cwd=elsewhere,
            env=env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert run("models")["checkpoints"]
    run("synth", "--out", "scenes", "--count", "1")
    told = run("segment", "scenes/images", "--checkpoint", "unet", "--out", "out")
    assert told["particles"] > 0 and (elsewhere / "out" / "summary.json").is_file()


def test_the_citation_has_what_its_format_asks_for():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= told.keys()
    assert told["cff-version"] == "1.2.0" and told["type"] == "software"
    assert str(told["version"]) == nanozoo.__version__ and told["license"] == "Apache-2.0"
    people = [*told["authors"], *(one for r in told["references"] for one in r["authors"])]
    assert all("name" in one or "family-names" in one for one in people)
    for reference in told["references"]:
        assert {"type", "title", "authors"} <= reference.keys()
        assert re.fullmatch(r"10\.\d{4,9}/\S+", reference["doi"])


def test_the_version_is_semantic_and_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+", nanozoo.__version__)
    assert "version = attr: nanozoo.__version__" in (ROOT / "setup.cfg").read_text("utf-8")
