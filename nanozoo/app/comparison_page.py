"""Two answers side by side, as parts of a page."""

from __future__ import annotations

import secrets
from html import escape

from nanozoo.app.comparison import Comparison
from nanozoo.app.particles import hover_words
from nanozoo.app.viewer import viewer_html
from nanozoo.workflows.measure_page import scaled
from nanozoo.workflows.pages import heading, key, paragraph, table

BOTH, ALONE = (0, 158, 115), (213, 94, 0)
"""RGB of particles that both found, and of those that one found alone."""


def compared_html(compared: Comparison) -> list[str]:
    """The two pictures, coloured by whether the other one found a particle, too."""
    group, pictures = secrets.token_hex(8), []
    answers = zip((compared.first, compared.second), compared.shared, compared.names)
    for one, shared, name in answers:
        places = range(len(one.subject.instances))
        said = [
            f"{words}, found by {'both' if place in shared else 'this one alone'}"
            for place, words in enumerate(hover_words(one))
        ]
        pictures.append(
            f"<p><strong>{escape(name)}</strong></p>"
            + viewer_html(
                one.sight.picture,
                one.subject.instances,
                said,
                [BOTH if place in shared else ALONE for place in places],
                name=one.name,
                group=group,
            )
        )
    return pictures


def tables_html(compared: Comparison) -> str:
    """What both measure, how far they agree, and how right they are."""
    names = compared.names
    parts = [
        f"<p>{key(BOTH, 'found by both')} {key(ALONE, 'found by this one alone')}</p>",
        paragraph(scaled(compared.first.record)),
        table(("", *names), compared.rows),
        heading("Agreement"),
        paragraph(
            "How far the two say the same, from 0 to 1. It does not say which of them is right."
        ),
        table(("", "agreement"), compared.agreement.items()),
    ]
    if compared.accuracy:
        parts += [
            heading("Accuracy"),
            paragraph(
                "Both against the mask that you gave: 1 is the best score, 0 the least error."
            ),
            table(("", *names), compared.accuracy),
        ]
    return f'<div class="results">{"".join(parts)}</div>'
