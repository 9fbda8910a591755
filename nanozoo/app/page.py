"""The page: its tabs, and how it is served."""

from __future__ import annotations

import gradio as gr

from nanozoo.app.compare_tab import compare_tab
from nanozoo.app.job import Runs
from nanozoo.app.limits import Limits
from nanozoo.app.look import STYLE, theme
from nanozoo.app.many_tab import many_tab
from nanozoo.app.measure_tab import measure_tab
from nanozoo.app.session import KEEP_S, Folders, private_folder
from nanozoo.app.teach_tab import teach_tab
from nanozoo.core.errors import UserError

_LOOK_S = 3600
_SESSIONS = 64
_TITLE = """# nanozoo
Find and measure particles in electron micrographs. All is computed on this machine; nothing is
sent anywhere."""


def build_page(limits: Limits, folders: Folders) -> gr.Blocks:
    """Build the page.

    Args:
        limits: What it takes.
        folders: Where it keeps files of its users.
    """
    runs = Runs()
    with gr.Blocks(
        title="nanozoo",
        analytics_enabled=False,
        delete_cache=(_LOOK_S, KEEP_S),
        fill_width=True,
    ) as page:
        gr.Markdown(_TITLE, elem_id="title")
        with gr.Tab("Measure"):
            finders = [measure_tab(limits, folders)]
        with gr.Tab("Compare"):
            finders += compare_tab(limits, folders)
        with gr.Tab("Many images"):
            finders.append(many_tab(limits, folders, runs))
        with gr.Tab("Teach"):
            teach_tab(limits, folders, runs, finders)

        def leave(request: gr.Request) -> None:
            runs.stop(request.session_hash)
            folders.leave(request)

        page.unload(leave)
    for event in page.fns.values():  # the page alone calls them, by their numbers
        event.api_visibility, event.api_name = "private", None
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

    Raises:
        UserError: If the port is taken, or no temporary folder can be written.
    """
    limits = limits or Limits()
    page = build_page(limits, Folders(private_folder()))
    try:
        _, address, _ = page.queue(max_size=64, api_open=False).launch(
            server_name="127.0.0.1",
            server_port=port,
            share=False,
            inbrowser=browser,
            prevent_thread_lock=True,
            max_file_size=f"{limits.upload_mb}mb",
            show_error=True,
            quiet=True,
            footer_links=[],
            enable_monitoring=False,
            ssr_mode=False,
            allowed_paths=[],
            state_session_capacity=_SESSIONS,
            theme=theme(),
            css=STYLE,
        )
    except OSError as error:
        if port is None:
            raise
        raise UserError(
            f"The port {port} is taken: give another --port, or none for a free one."
        ) from error
    return page, address
