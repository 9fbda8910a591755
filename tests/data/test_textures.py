import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.pipeline import batch_of
from nanozoo.data.textures import LabelledTextures, TextureImages, prepare_texture


def test_margins_go_and_the_rest_is_scaled():
    image = np.zeros((200, 400), np.uint8)
    image[30:170, 60:340] = np.linspace(50, 200, 280).astype(np.uint8)
    found = prepare_texture(image, size=70, cropped=0.15, stretched=False)
    assert found.shape == (70, 70) and found.dtype == np.float32
    np.testing.assert_allclose(found, np.tile(np.linspace(50, 200, 70) / 255, (70, 1)), atol=0.01)


def test_brightness_and_contrast_tell_nothing_after_stretching():
    image = np.random.default_rng(0).random((90, 90))
    wanted = prepare_texture(image, size=64)
    for changed in (0.2 * image + 0.3, (4000 * image + 1000).astype(np.uint16)):
        np.testing.assert_allclose(prepare_texture(changed, size=64), wanted, atol=1e-3)
    colour = np.stack([image] * 3, axis=-1)
    np.testing.assert_allclose(prepare_texture(colour, size=64), wanted, atol=1e-5)


def test_each_texture_is_drawn_once_before_one_is_drawn_again():
    images = np.random.default_rng(1).random((7, 16, 16), np.float32)
    source = TextureImages(images, seed=3, mirror=False, turn=False)
    order = [
        next(n for n in range(7) if np.array_equal(images[n], source.example(index)[0][..., 0]))
        for index in range(21)
    ]
    assert all(sorted(order[start : start + 7]) == list(range(7)) for start in (0, 7, 14))
    assert order[:7] != order[7:14]
    assert source.names(0) == f"texture {order[0]}"


def test_an_example_does_not_depend_on_what_was_asked_before_nor_by_whom():
    source = TextureImages(np.zeros((50, 1, 1), np.float32), seed=5)
    numbers = np.random.default_rng(0).integers(1000, size=400)
    alone = [TextureImages(source.images, seed=5).names(number) for number in numbers]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(source.names, numbers)) == alone


def test_a_pass_is_put_in_order_once():
    source = TextureImages(np.zeros((10**6, 1, 1), np.float32), seed=6)

    def seconds(numbers):
        start = time.process_time()
        for number in numbers:
            source.names(number)
        return time.process_time() - start

    first = seconds([0])
    assert seconds(range(1, 101)) < 10 * first


def test_mirrors_and_turns_reach_all_eight_and_change_no_grey():
    image = np.arange(256, dtype=np.float32).reshape(1, 16, 16) / 255
    source = TextureImages(image)
    seen = {source.example(index)[0].tobytes() for index in range(100)}
    assert len(seen) == 8
    plain = TextureImages(image, mirror=False, turn=False, channels=3)
    batch, target = batch_of(plain, 0, 2)
    assert batch.shape == (2, 16, 16, 3) and batch is target
    np.testing.assert_array_equal(batch[1, ..., 2], image[0])


def test_a_labelled_texture_is_drawn_as_one_without_and_keeps_its_class():
    labels = np.array([2, 0, 1, 2, 1])
    images = np.tile(labels[:, None, None] / 2, (1, 16, 16)).astype(np.float32)
    source = LabelledTextures(images, seed=3, labels=labels)
    for index in range(10):
        image, label = source.example(index)
        assert (image == label / 2).all()
        np.testing.assert_array_equal(image, TextureImages(images, seed=3).example(index)[0])
    batch, classes = batch_of(source, 1, 5)
    assert batch.shape == (5, 16, 16, 1) and sorted(classes) == [0, 1, 1, 2, 2]
    for bad in (labels[:4], labels - 1, labels / 2):
        with pytest.raises(UserError, match="labels"):
            LabelledTextures(images, labels=bad)


def test_bad_arguments_are_named():
    with pytest.raises(UserError, match="cropped"):
        prepare_texture(np.ones((9, 9)), cropped=0.5)
    with pytest.raises(UserError, match="images"):
        TextureImages(np.zeros((0, 8, 8), np.float32))
    with pytest.raises(UserError, match="NaN"):
        prepare_texture(np.full((32, 32), np.nan))
    for bad in (np.full((32, 32), np.nan), np.full((32, 32), 200.0), np.full((32, 32), -0.1)):
        with pytest.raises(UserError, match="0, 1"):
            prepare_texture(bad, stretched=False)
    with pytest.raises(UserError, match="no pixels"):
        prepare_texture(np.zeros((0, 5), np.uint8), stretched=False)
