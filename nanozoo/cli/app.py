"""`nanozoo app`: the page in the browser."""

from __future__ import annotations

import argparse
import importlib.util
import signal
import sys
from contextlib import redirect_stdout

from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.core.errors import UserError

HELP = "open a page to find and measure particles without typing commands"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "app",
        help=HELP,
        description="Serve a page to this machine alone, and open it in the browser. Nothing is "
        "sent anywhere. It ends with Ctrl-C.",
    )
    parser.add_argument("--port", type=int, metavar="N", help="port (default: a free one)")
    parser.add_argument(
        "--max-upload-mb",
        type=int,
        default=200,
        metavar="N",
        help="largest file that the page takes, megabytes (default: 200)",
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="DIR",
        help="offer the network in this folder, too, which `nanozoo finetune`, `nanozoo train` or "
        "the page made; may be repeated",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Serve the page until the program is stopped."""
    if importlib.util.find_spec("gradio") is None:
        raise UserError(
            'The page needs gradio, which is not installed: pip install "nanozoo[app]"'
        )
    import_keras()
    from nanozoo.app.limits import Limits
    from nanozoo.app.page import serve
    from nanozoo.app.tools import offer_networks

    offer_networks(options.checkpoint)
    page, address = serve(
        port=options.port,
        limits=Limits(upload_mb=options.max_upload_mb),
        browser=not options.no_browser,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    said = sys.stderr if options.json else sys.stdout
    print(f"nanozoo is at {address} (Ctrl-C ends it)", file=said, flush=True)
    with redirect_stdout(sys.stderr):  # Gradio says there that Ctrl-C ended it
        page.block_thread()
    return Outcome(facts={"address": address})
