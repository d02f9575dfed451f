"""Minor parties: on the page from the start, and seen once a reader asks for all parties."""

from ...domain import Analysis, Party
from ..strings import Words


def main_parties(analysis: Analysis) -> list[Party]:
    """The parties that the page shows at once."""
    return [party for party in analysis.parties if party.main]


def minor(party: Party) -> str:
    """The attribute that marks an element of a minor party; "" for a main one."""
    return "" if party.main else ' class="sl-minor"'


def unfolder(analysis: Analysis, say: Words) -> str:
    """The button that shows the minor parties everywhere on the page, and hides them again; "" without any."""
    count = len(analysis.parties) - len(main_parties(analysis))
    if not count:
        return ""
    words = say("minor_show" if count > 1 else "minor_show_one", count=count)
    return (
        '<p class="sl-tools sl-unfolder"><button type="button" data-do="minor">'
        f'<span class="sl-to-all">{words}</span><span class="sl-to-main">{say("minor_hide")}</span></button></p>'
    )
