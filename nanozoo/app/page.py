"""The page: its tabs, and how it is served."""

from __future__ import annotations

import gradio as gr

from nanozoo.app.job import Runs
from nanozoo.app.limits import Limits
from nanozoo.app.many_tab import many_tab
from nanozoo.app.measure_tab import measure_tab
from nanozoo.app.session import Folders
from nanozoo.app.teach_tab import teach_tab

_FORGET_S = 3600


def build_page(limits: Limits | None = None) -> gr.Blocks:
    """Build the page.

    Args:
        limits: What it takes; `Limits()` if None.
    """
    limits, folders, runs = limits or Limits(), Folders(), Runs()
    with gr.Blocks(
        title="nanozoo", analytics_enabled=False, delete_cache=(_FORGET_S, _FORGET_S)
    ) as page:
        gr.Markdown("# nanozoo\nFind and measure particles in electron micrographs.")
        with gr.Tab("Measure"):
            finders = [measure_tab(limits, folders)]
        with gr.Tab("Many images"):
            finders.append(many_tab(limits, folders, runs))
        with gr.Tab("Teach"):
            teach_tab(limits, folders, runs, finders)

        def leave(request: gr.Request) -> None:
            runs.stop(request.session_hash)
            folders.leave(request)

        page.unload(leave)
    return page


def serve(
    *, port: int | None = None, limits: Limits | None = None, browser: bool = True
) -> tuple[gr.Blocks, str]:
    """Serve the page to this machine alone.

    Args:
        port: Port; the first free one from 7860 if None.
        limits: What the page takes; `Limits()` if None.
        browser: Whether to open it in a browser.

    Returns:
        The page, which goes on in the background, and its address.
    """
    limits = limits or Limits()
    page = build_page(limits)
    _, address, _ = page.queue(max_size=64).launch(
        server_name="127.0.0.1",
        server_port=port,
        share=False,
        inbrowser=browser,
        prevent_thread_lock=True,
        max_file_size=limits.upload_mb * 1_000_000,
        show_error=True,
        quiet=True,
        footer_links=[],
        enable_monitoring=False,
        ssr_mode=False,
        allowed_paths=[],
    )
    return page, address
