"""Pictures beside each other, and their previews."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.viz.panels import Panel, draw_panels
from nanozoo.viz.preview import preview


def test_panels_show_each_picture_in_its_place(tmp_path):
    path = tmp_path / "panels.png"
    red, blue = (np.full((40, 40, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    draw_panels(path, [[Panel("red", red), Panel("blue", blue)], [Panel("blue", blue)]], width=2)
    drawn = cv2.imread(str(path))[..., ::-1]
    height, width = drawn.shape[:2]
    is_red, is_blue = ((drawn == colour).all(axis=-1) for colour in ((255, 0, 0), (0, 0, 255)))
    assert is_red[: height // 2, : width // 2].mean() > 0.5
    assert is_blue[: height // 2, width // 2 :].mean() > 0.5
    assert is_blue[height // 2 :, : width // 2].mean() > 0.5
    assert (drawn[height // 2 + 20 :, width // 2 + 5 :] == 255).all()


def test_no_panel_is_refused(tmp_path):
    with pytest.raises(UserError, match="rows"):
        draw_panels(tmp_path / "panels.png", [[]])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("width", "expected"), [(50, (100, 50)), (500, (200, 100))])
def test_preview_shrinks_but_never_enlarges(tmp_path, width, expected):
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), np.full((200, 100, 3), 90, np.uint8))
    decoded = cv2.imdecode(np.frombuffer(preview(path, width), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape[:2] == expected
    assert np.abs(decoded.astype(int) - 90).max() <= 2


def test_preview_names_a_file_that_is_no_picture(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(UserError, match=r"text\.png"):
        preview(tmp_path / "text.png")


def test_preview_takes_the_smaller_kind_and_keeps_colours(tmp_path):
    path = tmp_path / "picture.png"
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    cv2.imwrite(str(path), cv2.GaussianBlur(noise, (5, 5), 1))
    assert preview(path).startswith(b"\xff\xd8")  # JPEG
    chart = np.full((200, 200, 3), 255, np.uint8)
    chart[20:180, 100:103] = (0, 94, 213)
    chart[150:152, 20:180] = (178, 114, 0)
    cv2.imwrite(str(path), chart)
    assert preview(path).startswith(b"\x89PNG")
    decoded = cv2.imdecode(np.frombuffer(preview(path), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(decoded.astype(int) - chart).max() <= 4
