import numpy as np

from nanozoo.viz.heat import heat_overlay


def test_heat_is_seen_where_it_is_and_nowhere_else():
    image = np.tile(np.linspace(5, 9, 20), (20, 1))
    heat = np.zeros((20, 20))
    heat[4:8, 10:15] = 1.0
    picture = heat_overlay(image, heat)
    cold = heat == 0
    assert picture.dtype == np.uint8 and picture.shape == (20, 20, 3)
    assert (np.ptp(picture[cold].astype(int), axis=-1) == 0).all()
    assert picture[0, 0, 0] == 0 and picture[0, -1, 0] == 255
    red, green, blue = picture[heat == 1].astype(int).T
    assert (red > blue + 20).all() and (green > blue).all()


def test_a_constant_image_is_taken():
    assert heat_overlay(np.full((4, 4), 3.0), np.zeros((4, 4))).max() == 0
