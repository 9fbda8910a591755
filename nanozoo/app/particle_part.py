"""The part of a tab about the particle that is chosen in the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from nanozoo.app.analysis import Analysis
from nanozoo.app.explain import explain_particle
from nanozoo.app.particles import particle_html
from nanozoo.app.words import in_words
from nanozoo.workflows.pages import picture

_NONE = "<p>Click a particle, or a row of the table, to see it alone.</p>"
_CAPTION = (
    "Bright spots spoke for the outlined particle (Grad-CAM): up close in fine detail, from afar "
    "in coarse. What is around it and its neighbours may light up, too."
)


@dataclass(frozen=True)
class ParticlePart:
    """The elements of the part.

    Args:
        chosen: Place of the particle, a state.
        facts: What was measured of it.
        why: What the networks looked at.
        ask: Asks them.
    """

    chosen: gr.State
    facts: gr.HTML
    why: gr.HTML
    ask: gr.Button

    @property
    def outputs(self) -> list[gr.components.Component]:
        """Outputs of events, in the order of `clear`."""
        return [self.chosen, self.facts, self.why, self.ask]

    @staticmethod
    def clear(*, found: bool) -> list[Any]:
        """Show no particle, and, where some are found, how to choose one."""
        return [None, _NONE if found else "", "", gr.Button(visible=False)]

    @staticmethod
    def again(found: Analysis | None, place: int | None) -> Any:
        """Say anew what was measured of the particle, after its number or its size changed."""
        return gr.skip() if found is None or place is None else particle_html(found, place)


def particle_part(
    name: str, viewer: gr.HTML, state: gr.State, compute: dict[str, Any]
) -> ParticlePart:
    """Build the part.

    Args:
        name: What the names of its elements begin with.
        viewer: Where particles are chosen.
        state: Holds the `Analysis` that the viewer shows.
        compute: Options of events that compute.
    """
    chosen = gr.State(None)
    with gr.Row():
        with gr.Column(scale=1, min_width=240):
            facts = gr.HTML(elem_id=f"{name}-particle")
            ask = gr.Button(
                "What did the network look at?", size="sm", visible=False, elem_id=f"{name}-ask"
            )
        with gr.Column(scale=2, min_width=320):
            why = gr.HTML(elem_id=f"{name}-why")
    part = ParticlePart(chosen, facts, why, ask)

    @in_words
    def choose(found: Analysis | None, event: gr.EventData):
        data = event._data
        if found is None or data["shown"] != found.name:
            return [gr.skip()] * len(part.outputs)
        place = int(data["chosen"])
        return [place, particle_html(found, place), "", gr.Button(visible=True)]

    @in_words
    def explain(found: Analysis | None, place: int | None):
        if found is None or place is None:
            return _NONE
        pictures, sentences = explain_particle(found, place)
        parts = [f"<p>{escape(sentence)}</p>" for sentence in sentences]
        parts += [picture(png, _CAPTION, 1000) for png in pictures]
        return f'<div class="results">{"".join(parts)}</div>'

    viewer.select(choose, state, part.outputs, trigger_mode="multiple", show_progress="hidden")
    ask.click(explain, [state, chosen], why, **compute)
    return part
