"""Whoever reads: no serious finding of axe-core in light or dark, with results on the page."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.conftest import judged


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe(open_page: Callable[..., Page], example: str, theme: str, width: int) -> None:
    page = open_page(width, theme)
    judged(page, example)
    page.locator('.sl-cell[data-cell="2,1"]').click()
    page.wait_for_timeout(500)
    found = Axe().run(page).response["violations"]
    grave = [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
    assert grave == []
