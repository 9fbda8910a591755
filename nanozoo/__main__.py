"""The command `nanozoo`, also as `python -m nanozoo`."""

import signal
import sys


def start() -> int:
    """Import the command and run it; Ctrl-C during the import ends it without a traceback.

    Returns:
        The exit code of `nanozoo.cli.main.main`.
    """
    heed = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heed:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from nanozoo.cli.main import main

    if heed:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return main()


if __name__ == "__main__":
    sys.exit(start())
