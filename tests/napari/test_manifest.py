"""What the plugin tells napari of itself."""

import configparser
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import nanozoo.napari
from nanozoo.io.micrograph import IMAGE_SUFFIXES

MANIFEST = Path(nanozoo.napari.__file__).with_name("napari.yaml")


@pytest.fixture(scope="module")
def manifest():
    npe2 = pytest.importorskip("npe2")
    return npe2.PluginManifest.from_file(MANIFEST)


def loaded(code: str, names: tuple[str, ...]) -> str:
    code = f"import sys; {code}; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_command_is_there(manifest, application):
    assert manifest.name == "nanozoo"
    for command in manifest.contributions.commands:
        module, _, name = command.python_name.partition(":")
        assert callable(getattr(import_module(module), name))
    shown = [widget.display_name for widget in manifest.contributions.widgets]
    assert shown == ["Segment", "Measure", "Save for training"]


def test_the_reader_claims_what_only_nanozoo_reads_in_nm(manifest):
    claimed = {one[1:] for one in manifest.contributions.readers[0].filename_patterns}
    assert claimed == set(IMAGE_SUFFIXES) - {".png", ".jpg", ".jpeg"}


def test_the_package_points_to_it():
    setup = configparser.ConfigParser()
    setup.read(MANIFEST.parents[2] / "setup.cfg")
    entry = setup["options.entry_points"]["napari.manifest"].strip()
    module, _, file = entry.partition(" = ")[2].partition(":")
    assert import_module(module) is nanozoo.napari and file == MANIFEST.name
    assert "napari/*.yaml" in setup["options.package_data"]["nanozoo"]


def test_nanozoo_alone_imports_no_napari():
    code = "import nanozoo, nanozoo.napari, nanozoo.cli.main, nanozoo.workflows.convert"
    assert loaded(code, ("napari", "magicgui", "qtpy")) == "[]"


def test_the_viewer_imports_no_tensorflow(application):
    """Its LLVM and that of an OpenGL driver in one process crash it."""
    names = ("segment", "measure", "training", "read", "write")
    code = "import " + ", ".join(f"nanozoo.napari.{name}" for name in names)
    assert loaded(code, ("keras", "tensorflow", "jax")) == "[]"
