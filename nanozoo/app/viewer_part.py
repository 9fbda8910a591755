"""The viewer as a part of a page."""

from __future__ import annotations

import gradio as gr

from nanozoo.app.viewer import SCRIPT, STYLE

_BAR = """
<div class="viewer-bar" role="toolbar">
{modes}<button data-zoom="0.7" aria-label="larger">+</button>
<button data-zoom="1.4" aria-label="smaller">&minus;</button>
<span>Ctrl and wheel zooms, dragging moves.</span>
</div>
${{value}}
"""
_MODES = """<button data-mode="choose" class="on">Choose</button>
<button data-mode="remove">Take out / bring back</button>
<button data-back="1">Bring all back</button>
"""
EMPTY = '<div class="viewer-empty">The micrograph with its particles will be here.</div>'
"""What a viewer shows before there is a micrograph."""


def viewer(elem_id: str, *, editable: bool = True) -> gr.HTML:
    """Make a viewer for what `viewer_html` draws.

    Events have as their data `shown` and, of `select`, the place `chosen`, of `input` the places
    `removed`. Listen with `trigger_mode="multiple"`: with "always_last" gradio repeats the data
    of the first of several quick events.

    Args:
        elem_id: Its name in the page.
        editable: Whether particles can be taken out.
    """
    return gr.HTML(
        EMPTY,
        html_template=_BAR.format(modes=_MODES if editable else ""),
        css_template=STYLE,
        js_on_load=SCRIPT,
        elem_id=elem_id,
    )
