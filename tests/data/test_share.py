"""Processes that train together feed the batches that one process would."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.pipeline import ExampleDataset
from nanozoo.data.share import Share


class Numbers:
    """Example number `i` is `i`."""

    signature = (("int64", ()),)

    def example(self, index):
        return (np.int64(index),)

    def pack(self, numbers):
        return numbers, numbers

    def names(self, index):
        return f"image {index}"


def batches(source, size, start=0):
    return np.stack([batch[0] for batch in list(ExampleDataset(source, size, 3, start=start))])


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_the_shares_of_a_batch_are_the_batch(count):
    shares = [Share(Numbers(), 6, index, count) for index in range(count)]
    parts = [batches(share, share.batch_size, start=2) for share in shares]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), batches(Numbers(), 6, start=2))
    assert shares[-1].names(0) == f"image {6 - 6 // count}"


def test_a_batch_that_cannot_be_shared_is_refused():
    with pytest.raises(UserError, match="divide by the 4 processes.*batch_size=6"):
        Share(Numbers(), 6, 0, 4)
