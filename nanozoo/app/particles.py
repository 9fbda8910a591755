"""The particles of an analysis in words: in the viewer, in its table, and one alone."""

from __future__ import annotations

import secrets
from html import escape

from nanozoo.app.analysis import Analysis
from nanozoo.app.viewer import viewer_html
from nanozoo.core.instances import Instances
from nanozoo.io.micrograph import Micrograph
from nanozoo.viz.overlay import OUTLINES
from nanozoo.workflows.pages import number

_MOST_ROWS = 1000
_COLUMNS = {
    "label": "no.", "class": "class", "shape": "shape", "shape_probability": "probability",
    "diameter_nm": "diameter, nm", "diameter_px": "diameter, px", "area_nm2": "area, nm²",
    "area_px": "area, px", "feret_max_nm": "longest, nm", "feret_min_nm": "shortest, nm",
    "core_diameter_nm": "core, nm", "shell_thickness_nm": "shell, nm",
    "aspect_ratio": "aspect ratio", "circularity": "circularity", "score": "score",
    "touches_border": "cut",
}  # fmt: skip
_ONLY_WITHOUT_NM = ("diameter_px", "area_px")
_CUT = {"0": "no", "1": "yes", "False": "no", "True": "yes"}


def particles_html(analysis: Analysis) -> str:
    """The micrograph with its particles, and below it the table of those that are measured."""
    subject = analysis.subject
    return viewer_html(
        analysis.sight.picture,
        subject.instances,
        hover_words(analysis),
        OUTLINES,
        name=analysis.name,
        removed=analysis.removed,
    ) + _table(analysis)


def micrograph_html(micrograph: Micrograph, picture: str) -> str:
    """The micrograph before particles are looked for.

    Args:
        micrograph: The image.
        picture: What is shown of it, see `nanozoo.app.viewer.picture_link`.
    """
    none = Instances(micrograph.pixels.shape[:2])
    hint = '<p class="none">Press <i>Find particles</i> (step 2).</p>'
    return viewer_html(picture, none, name=secrets.token_hex(8)) + hint


def hover_words(analysis: Analysis) -> list[str]:
    """What is said of each particle when it is hovered."""
    subject = analysis.subject
    nm = subject.pixel_size.nm
    scale, unit = (1.0, "px") if nm is None else (nm, "nm")
    labels = {place: number for number, place in enumerate(analysis.kept, 1)}
    words = []
    for place, item in enumerate(subject.instances):
        label = labels.get(place)
        parts = ["taken out" if label is None else f"particle {label}"]
        parts.append(f"diameter {scale * item.diameter:.4g} {unit}")
        row = {} if label is None else analysis.rows[label - 1]
        if "shape" in row:
            parts.append(f"{row['shape']} ({float(row['shape_probability']):.2f})")
        if len(subject.segmenter.classes) > 1:
            parts.append(subject.segmenter.classes[item.class_id - 1])
        if subject.segmenter.see is not None:
            parts.append(f"score {item.score:.2f}")
        if _CUT.get(row.get("touches_border")) == "yes":
            parts.append("cut by the border")
        words.append(", ".join(parts))
    return words


def particle_html(analysis: Analysis, place: int) -> str:
    """All that was measured of one particle."""
    if place in analysis.removed:
        return "<p>This particle is taken out: it is not measured.</p>"
    row = analysis.rows[analysis.kept.index(place)]
    facts = "".join(
        f"<tr><th>{escape(words)}</th><td>{_shown(name, row[name])}</td></tr>"
        for name, words in _columns(analysis).items()
    )
    return f'<div class="results"><table>{facts}</table></div>'


def _columns(analysis: Analysis) -> dict[str, str]:
    """Columns of the table that say something here."""
    nm = analysis.subject.pixel_size.nm
    first = analysis.rows[0] if analysis.rows else {}
    return {
        name: words
        for name, words in _COLUMNS.items()
        if name in first
        and not (nm is None and "nm" in name)
        and not (nm is not None and name in _ONLY_WITHOUT_NM)
        and not (name == "score" and analysis.subject.segmenter.see is None)
    }


def _table(analysis: Analysis) -> str:
    if not analysis.rows:
        return '<p class="none">No particles to show.</p>'
    columns = _columns(analysis)
    head = "".join(f"<th>{escape(words)}</th>" for words in columns.values())
    body = "".join(
        f'<tr data-place="{place}">'
        + "".join(f"<td>{_shown(name, row[name])}</td>" for name in columns)
        + "</tr>"
        for place, row in zip(analysis.kept[:_MOST_ROWS], analysis.rows)
    )
    more = len(analysis.rows) - _MOST_ROWS
    rest = f"<p>{more} more particles are in the table that you can download.</p>" * (more > 0)
    return (
        f'<div class="rows"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"{rest}</div>"
    )


def _shown(name: str, text: str) -> str:
    if name == "touches_border":
        return _CUT.get(text, escape(text))
    try:
        value = float(text or "nan")
    except ValueError:
        return escape(text)
    return number(int(value) if value.is_integer() else value)
