"""What the plugin tells napari of itself."""

import configparser
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from npe2 import PluginManifest

import nanozoo.napari

MANIFEST = Path(nanozoo.napari.__file__).with_name("napari.yaml")


def test_every_command_is_there():
    manifest = PluginManifest.from_file(MANIFEST)
    assert manifest.name == "nanozoo"
    for command in manifest.contributions.commands:
        module, _, name = command.python_name.partition(":")
        assert callable(getattr(import_module(module), name))
    shown = [widget.display_name for widget in manifest.contributions.widgets]
    assert shown == ["Segment", "Measure", "Save for training"]


def test_the_reader_claims_what_it_reads():
    from nanozoo.io.micrograph import IMAGE_SUFFIXES

    manifest = PluginManifest.from_file(MANIFEST)
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
    code = (
        "import sys, nanozoo, nanozoo.napari, nanozoo.cli.main, nanozoo.workflows.convert; "
        "print([name for name in ('napari', 'magicgui', 'qtpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
