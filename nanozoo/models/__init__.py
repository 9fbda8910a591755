"""Models: one file a model, each with its `build_<name>`."""

from nanozoo.models import fpn, gan, linknet, maskrcnn, shape_cnn, unet, vae  # noqa: F401
