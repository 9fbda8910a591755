"""The plugin for napari: segment and measure the layers of a viewer (extra `napari`)."""
