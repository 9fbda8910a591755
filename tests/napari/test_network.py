"""The process of the networks; a classical method stands for one, because it starts at once."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.napari.finding import find
from nanozoo.napari.network import NetworkProcess

ROWS, COLUMNS = np.indices((60, 80))
ASKED = (
    np.where(np.hypot(ROWS - 30, COLUMNS - 40) < 15, 9000, 40_000).astype(np.uint16),
    "a",
    0.5,
    "otsu",
    False,
)


@pytest.fixture
def networks():
    process = NetworkProcess()
    yield process
    process.close()


def test_it_answers_as_the_library_does_and_stays_open(networks):
    wanted, processes = find(*ASKED), set()
    for _ in range(2):
        found = networks.find(*ASKED)
        np.testing.assert_array_equal(found.labels, wanted.labels)
        np.testing.assert_array_equal(found.scores, wanted.scores)
        processes.add(networks._child.pid)
    assert len(processes) == 1
    found.labels[0, 0] = 1  # they are corrected in place


def test_what_goes_wrong_is_a_sentence_and_it_answers_again(networks):
    noise = ASKED[0].astype(np.float32)
    noise[0, 0] = np.nan
    with pytest.raises(UserError, match="'a' holds NaN"):
        networks.find(noise, *ASKED[1:])
    networks._child.stdin.write(b"no question\n")
    with pytest.raises(UserError, match="ended before it answered.*exit code.*Error"):
        networks.find(*ASKED)
    assert networks.find(*ASKED).labels.max() == 1
    networks._child.kill()
    networks._child.wait()
    assert networks.find(*ASKED).labels.max() == 1
