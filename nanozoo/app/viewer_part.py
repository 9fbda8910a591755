"""The viewer as a part of a page."""

from __future__ import annotations

import gradio as gr

from nanozoo.app.viewer import SCRIPT, STYLE

_TEMPLATE = """
<div class="viewer-bar" role="toolbar">
<button data-mode="choose" class="on">Choose</button>
<button data-mode="remove">Take out / bring back</button>
<button data-back="1">Bring all back</button>
<button data-zoom="0.7" aria-label="larger">+</button>
<button data-zoom="1.4" aria-label="smaller">&minus;</button>
</div>
<div class="viewer-box">${value}</div>
"""


def viewer(elem_id: str) -> gr.HTML:
    """Make a viewer; events have as their data `shown` and, of `select`, the place `chosen`,
    of `input` the places `removed`. Listen with `trigger_mode="multiple"`: with "always_last"
    gradio repeats the data of the first of several quick events.

    Args:
        elem_id: Its name in the page.
    """
    return gr.HTML(
        "",
        html_template=_TEMPLATE,
        css_template=STYLE,
        js_on_load=SCRIPT,
        elem_id=elem_id,
        padding=False,
    )
