"""What the page says when something cannot be done."""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import gradio as gr

from nanozoo.core.errors import UserError


def in_words(function: Callable) -> Callable:
    """Show what a user can put right as a message that stays until it is closed.

    What goes wrong inside of nanozoo itself is shown, too, and its traceback goes to standard
    error; the page goes on.

    Args:
        function: Answers an event, at once or as a generator.
    """
    if inspect.isgeneratorfunction(function):

        @wraps(function)
        def shown(*arguments):
            with _in_words():
                yield from function(*arguments)
    else:

        @wraps(function)
        def shown(*arguments):
            with _in_words():
                return function(*arguments)

    return shown


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise gr.Error(without_folders(str(error)), duration=None, print_exception=False) from None
    except gr.Error:
        raise
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        raise gr.Error(
            f"Something went wrong inside of nanozoo ({type(error).__name__}: {error}). Your "
            "other results are as they were; please report it with the lines in the terminal.",
            duration=None,
            print_exception=False,
        ) from None


def for_the_page(sentence: str) -> str:
    """A sentence of the command line with what to do on the page in place of an option."""
    return sentence.replace("Give it with --pixel-size-nm.", "Give it in step 3.")


def without_folders(sentence: str) -> str:
    """A sentence with bare names in place of files in the temporary folder."""
    stated = tempfile.gettempdir()
    for place in (str(Path(stated).resolve()), stated):  # on macOS they differ
        sentence = re.sub(rf"{re.escape(place)}(?:[\\/][^\s\\/]+)*[\\/]", "", sentence)
    return sentence
