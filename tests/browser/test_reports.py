"""Built pages in a real browser: offline, on a phone, in light and dark."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.slow

PHONE, DESK = 390, 1280
_LUMINANCE = """() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""
_PICTURES = """() => Promise.all([...document.images].map(async picture => {
  await picture.decode().catch(() => null);
  return [picture.naturalWidth, picture.alt];
}))"""
_WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-box, figure, pre, math'))
  .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))"""


@dataclass
class Visit:
    """A page, and what happened while it loaded."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def visit(browser: Any, file: Path, *, width: int, scheme: str) -> Visit:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    made = Visit(context.new_page())
    made.page.on("request", lambda request: made.requests.append(request.url))
    made.page.on("requestfailed", lambda request: made.complaints.append(f"failed: {request.url[:200]}"))
    made.page.on("console", lambda message: made.complaints.append(f"{message.type}: {message.text}"))
    made.page.on("pageerror", lambda error: made.complaints.append(f"error: {error}"))
    made.page.goto(file.as_uri())
    return made


def pages(reports: Path) -> list[Path]:
    return [reports / "index.html", *sorted(reports.glob("*/index.html"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_pages_load_by_themselves_and_fit(browser: Any, reports: Path, width: int, scheme: str) -> None:
    assert len(pages(reports)) > 1
    for file in pages(reports):
        made = visit(browser, file, width=width, scheme=scheme)
        pictures = made.page.evaluate(_PICTURES)
        outside = [url for url in made.requests if not url.startswith("data:") and url != file.as_uri()]
        assert outside == [], file
        assert made.complaints == [], file
        assert pictures, f"{file} shows no figure"
        assert all(natural > 0 for natural, _ in pictures), file
        assert all(len(words) > 10 for _, words in pictures), (file, pictures)
        assert (made.page.evaluate(_LUMINANCE) < 0.5) == (scheme == "dark"), file
        assert made.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), made.page.evaluate(_WIDER)
        assert made.page.locator("script").count() == 0, file
        made.page.context.close()


def test_links_lead_somewhere(browser: Any, reports: Path) -> None:
    for file in pages(reports):
        made = visit(browser, file, width=DESK, scheme="light")
        addresses = made.page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
        for address in addresses:
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme in {"http", "https", "mailto"}, address
            elif parts.path:
                assert (file.parent / unquote(parts.path)).is_file(), (file, address)
            elif parts.fragment != "harmful-link":
                assert made.page.evaluate("id => !!document.getElementById(id)", parts.fragment), (file, address)
        made.page.context.close()


def test_the_index_leads_to_a_report_and_back(browser: Any, reports: Path) -> None:
    page = visit(browser, reports / "index.html", width=DESK, scheme="light").page
    page.locator("table:visible tbody th a").first.click()
    assert page.url.endswith("/index.html")
    assert page.url != (reports / "index.html").as_uri()
    page.locator("nav.bar a.home").click()
    assert page.url == (reports / "index.html").as_uri()
    page.context.close()


def test_the_index_switches_workloads_without_a_script(browser: Any, reports: Path) -> None:
    page = visit(browser, reports / "index.html", width=PHONE, scheme="light").page
    shown = page.locator(".switch section:visible")
    assert shown.get_attribute("aria-label") == "Mix of both"
    page.get_by_text("Training", exact=True).first.click()
    assert shown.get_attribute("aria-label") == "Training"
    page.keyboard.press("ArrowRight")
    assert shown.get_attribute("aria-label") == "Inference"
    page.context.close()


def test_print_is_light_and_shows_all_workloads(browser: Any, reports: Path) -> None:
    page = visit(browser, reports / "index.html", width=DESK, scheme="dark").page
    page.emulate_media(media="print")
    assert page.evaluate(_LUMINANCE) > 0.9
    assert page.locator(".switch section:visible").count() == 3
    assert page.pdf(prefer_css_page_size=True)[:4] == b"%PDF"
    page.context.close()
