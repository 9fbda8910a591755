"""A long run as a part of a page: buttons that begin and stop it, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from nanozoo.app.job import Run, Runs, State
from nanozoo.app.words import without_folders
from nanozoo.core.progress import Cancelled
from nanozoo.workflows.pages import notes, paragraph

LONG_RUN: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden"}
"""Options of events that follow a run: they wait in the line of runs, where that is seen."""


@dataclass(frozen=True)
class RunPart:
    """Parts of the page that belong to a kind of run."""

    kind: str
    unit: str
    start: gr.Button
    stop: gr.Button
    bar: gr.HTML

    def follow(
        self, run: Run, show: Callable[[State], dict[Any, Any]]
    ) -> Iterator[dict[Any, Any]]:
        """What changes on the page while a run goes on.

        Args:
            run: The run.
            show: What else changes in a state, by the parts of the page.

        Raises:
            UserError: As `Run.follow`, with the buttons as they were before.
        """
        ready = {self.start: gr.Button(interactive=True), self.stop: gr.Button(interactive=False)}
        busy = {self.start: gr.Button(interactive=False), self.stop: gr.Button(interactive=True)}
        buttons, before = busy, {}
        try:
            for state in run.follow():
                changed = {self.bar: progress_html(state, self.unit), **show(state)}
                if changed != before or state.ended:
                    before = changed
                    yield changed | (ready if state.ended else buttons)
                    buttons = {}
        except Cancelled:
            yield {self.bar: paragraph("Stopped: nothing of this run was kept."), **ready}
        except Exception:
            yield {self.bar: "", **ready}
            raise


def run_part(runs: Runs, kind: str, words: str, unit: str) -> RunPart:
    """Build the parts; `bar` is still to be rendered, where results are looked for.

    Args:
        runs: The line of all runs.
        kind: The kind, and the beginning of names in the page.
        words: What the button says that begins it.
        unit: What its progress counts.
    """
    with gr.Row():
        start = gr.Button(words, variant="primary", elem_id=f"{kind}-run", min_width=120)
        stop = gr.Button(
            "Stop", variant="stop", interactive=False, elem_id=f"{kind}-stop", min_width=80
        )
    bar = gr.HTML(elem_id=f"{kind}-progress", render=False)

    def end(request: gr.Request) -> None:
        runs.stop(request.session_hash, kind)

    stop.click(end, queue=False)
    return RunPart(kind, unit, start, stop, bar)


def progress_html(state: State, unit: str) -> str:
    """A bar, what is being done, and what was left out.

    Args:
        state: How far the run is.
        unit: What its progress counts.
    """
    seen = state.seen
    if state.ahead:
        others = "another run" if state.ahead == 1 else f"{state.ahead} other runs"
        return _bar("", f"Waiting for {others} to end: one goes on at a time.")
    if seen is None:
        return _bar("", "Starting: a network takes some seconds to load.")
    words = [f"{seen.done} of {seen.total} {unit}"]
    if state.ended:
        words.append("done")
    else:
        words += [seen.what, seen.note]
        if state.left_s is not None and seen.done < seen.total:
            words.append(f"{duration(state.left_s)} left")
    sentence = ", ".join(filter(None, words)) + "."
    errors = notes([without_folders(error) for error in state.errors])
    moves = not state.ended and seen.done in (0, seen.total)  # before the first, after the last
    bar = _bar("" if moves else f' value="{seen.done}" max="{max(1, seen.total)}"', sentence)
    return f'<div class="results">{bar}{errors}</div>'


def duration(seconds: float) -> str:
    """A time in words, such as "about 3 min"."""
    if seconds < 10:
        return "some seconds"
    if seconds < 90:
        return f"about {10 * round(seconds / 10)} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"


def _bar(value: str, sentence: str) -> str:
    return (
        f'<progress{value} aria-label="progress"></progress>'
        f'<p role="status">{escape(sentence)}</p>'
    )
