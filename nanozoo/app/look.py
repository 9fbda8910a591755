"""Colours, fonts and spacing of the page; nothing is fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
"""What the theme does not say."""


def theme() -> gr.themes.Base:
    """A quiet theme in blue and grey, with the fonts of the machine."""
    return gr.themes.Default(
        primary_hue=gr.themes.colors.sky,
        secondary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_label_text_weight="600",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
    )
