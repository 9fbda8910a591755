"""A viewer without a window: real layers and real panels, no canvas."""

import os
import time

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    import napari.qt.threading  # noqa: F401

    MISSING = ""
except ImportError as error:
    if os.environ.get("CI") == "true":
        raise
    MISSING = f"needs napari with Qt and its libraries: {error}"
collect_ignore = ["test_napari_panels.py", "test_read_and_write.py"] if MISSING else []


@pytest.fixture(scope="session")
def application():
    if MISSING:
        pytest.skip(MISSING)
    from qtpy.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


@pytest.fixture
def viewer(application):
    from napari.components import ViewerModel

    return ViewerModel()


@pytest.fixture
def wait(application):
    """Let the event loop run until a panel has done its work."""

    def until_done(panel, seconds=120) -> None:
        end = time.monotonic() + seconds
        while panel.running and time.monotonic() < end:
            application.processEvents()
            time.sleep(0.01)
        application.processEvents()
        assert not panel.running

    return until_done
