"""The UNet's decoder needs a width for each of its five strides."""

import pytest

from nanozoo.core.errors import UserError
from nanozoo.models.unet import build_unet


@pytest.mark.parametrize("filters", [(8, 8, 8), (8,) * 6, ()])
def test_other_numbers_of_decoder_filters_are_refused(filters):
    with pytest.raises(UserError, match="decoder_filters"):
        build_unet((64, 64, 1), backbone="plain", decoder_filters=filters)
