"""What the panels of the plugin share: choosing layers, working without blocking the viewer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from magicgui.widgets import ComboBox, Container, FloatSpinBox, Label
from napari.components import ViewerModel
from napari.layers import Layer
from napari.qt.threading import thread_worker

from nanozoo.core.errors import UserError
from nanozoo.napari.layers import pixel_size_of, set_pixel_size


class Panel(Container):
    """A panel beside the viewer.

    Args:
        viewer: The viewer whose layers it works on.
    """

    def __init__(self, viewer: ViewerModel):
        super().__init__()
        self.viewer = viewer
        self.status = Label(value="")
        self.running = False
        for event in (viewer.layers.events.inserted, viewer.layers.events.removed):
            event.connect(self._layers_changed)

    def layer_box(self, kind: type[Layer], label: str) -> ComboBox:
        """A box to choose a layer of a kind; it follows the viewer."""
        return ComboBox(
            label=label, nullable=True, choices=lambda _: self._layers(kind), value=None
        )

    def pixel_size_box(self) -> FloatSpinBox:
        """A box for the pixel size in nm, 0 where it is unknown."""
        return FloatSpinBox(
            label="pixel size, nm",
            min=0,
            max=1e7,
            step=1e-4,
            value=0,
            tooltip="side of a pixel; 0 if it is unknown",
        )

    def show_pixel_size(self, box: FloatSpinBox, *layers: Layer | None) -> None:
        """Show the pixel size that the first of some layers states."""
        known = [pixel_size_of(layer) for layer in layers if layer is not None]
        box.value = next((size for size in known if size), 0)

    def agreed_pixel_size(self, box: FloatSpinBox, *layers: Layer) -> float | None:
        """The pixel size in the box, given to the layers too; None where it is 0."""
        if not box.value:
            return None
        for layer in layers:
            known = pixel_size_of(layer)
            if known is None or round(known, 4) != round(box.value, 4):
                set_pixel_size(layer, box.value)
        return pixel_size_of(layers[0])

    def work(self, task: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run a task beside the viewer, which stays alive, and then show what it found.

        Args:
            task: What takes long; it must not touch the viewer.
            done: Gets its result.
        """
        if self.running:
            self.status.value = "Wait for what is running."
            return
        self.running, self.status.value = True, "Working ..."

        def guarded() -> Callable[[], None]:
            try:
                result = task()
            except UserError as error:
                return partial(self.fail, error)
            return partial(done, result)

        worker = thread_worker(guarded, start_thread=False)()
        worker.returned.connect(lambda show: show())
        worker.errored.connect(self.fail)
        worker.finished.connect(self._finished)
        worker.start()

    def fail(self, error: Exception) -> None:
        """Say in a sentence what went wrong; napari shows what is no fault of the user."""
        known = isinstance(error, UserError)
        self.status.value = str(error) if known else "Stopped by an error of the program."

    def _finished(self) -> None:
        self.running = False

    def _layers(self, kind: type[Layer]) -> list[Layer]:
        return [layer for layer in self.viewer.layers if isinstance(layer, kind)]

    def _layers_changed(self, event: object = None) -> None:
        """Offer the layers that there are, and choose the newest where none is chosen."""
        self.reset_choices()
        for box in self:
            if isinstance(box, ComboBox) and box.value is None:
                layers = [choice for choice in box.choices if isinstance(choice, Layer)]
                box.value = layers[-1] if layers else None
