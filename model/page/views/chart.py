"""The article's course: one party's stance by paragraph, as an SVG drawing without any of the article's text."""

from html import escape

from ...domain import Analysis, Party, Stance
from ..strings import Words

_HEIGHT, _MIDDLE, _TALLEST = 64, 32, 28
_STEP, _BAR = 16, 12


def course(analysis: Analysis, party: Party, say: Words) -> str:
    """Bars up for favorable and down for critical, as tall as the probability; a tick on the line for neutral."""
    labels = [label for label in analysis.labels if label.party == party.name]
    width = max(len(labels), 1) * _STEP
    bars = ""
    for place, label in enumerate(labels):
        height = round(_TALLEST * (1.0 if label.probability is None else label.probability), 1)
        left = place * _STEP + (_STEP - _BAR) / 2
        top = {Stance.FAVORABLE: _MIDDLE - height, Stance.CRITICAL: _MIDDLE}.get(label.stance)
        if top is None:
            if label.stance is Stance.NEUTRAL:
                bars += f'<rect class="neutral" x="{left}" y="{_MIDDLE - 2}" width="{_BAR}" height="4"/>'
            continue
        unsure = " sl-bar-unsure" if label.unsure else ""
        bars += f'<rect class="{label.stance}{unsure}" x="{left}" y="{top}" width="{_BAR}" height="{height}"/>'
    said = ", ".join(f"¶{label.paragraph + 1} {say(label.stance)}" for label in labels)
    name = escape(say("course_of", party=party.name, course=said))
    return (
        f'<svg class="sl-course" role="img" aria-label="{name}" viewBox="0 0 {width} {_HEIGHT}" '
        f'width="{width * 2}" height="{_HEIGHT}" preserveAspectRatio="none">'
        f'<line x1="0" y1="{_MIDDLE}" x2="{width}" y2="{_MIDDLE}"/>{bars}</svg>'
    )
