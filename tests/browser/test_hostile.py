"""Pages of a set whose every text is hostile, in a real browser: nothing runs, nothing loads, nothing opens."""

from pathlib import Path
from typing import Any

import pytest

from costmodel.reporting import Settings, build
from hostile_text import ALL, MARK, SOURCES, hostile_set

pytestmark = pytest.mark.slow

SETS = Path(__file__).parents[1] / "sets"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reports: two of hostile sets, which between them try every text, and one set that fails."""
    tmp = tmp_path_factory.mktemp("hostile")
    folder = tmp / "params"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "sources.csv").write_text(SOURCES, encoding="utf-8")
    for file in SETS.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    for name, first in (("one", 0), ("two", len(ALL) // 2)):
        (folder / f"{name}.yaml").write_text(hostile_set(first=first), encoding="utf-8")
    unknown = f"\"<img src=x onerror=document.title='{MARK}'>\": 1\n"
    (folder / "broken.yaml").write_text(f"extends: baseline\n{unknown}", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTMODEL_PARAMS", str(folder))
        summary = build(["one", "two", "broken"], tmp / "reports", jobs=2, settings=Settings(draws=128))
    assert [result.name for result in summary.failed] == ["broken"], summary.failed
    return tmp / "reports"


@pytest.mark.parametrize("policy", [True, False], ids=["as_built", "without_its_policy"])
def test_nothing_runs_or_loads(browser: Any, hostile: Path, policy: bool) -> None:
    pages = [hostile / "index.html", *sorted(hostile.glob("*/index.html"))]
    assert len(pages) == 3
    for file in pages:
        # The policy in the page forbids scripts and requests; the text must be harmless without it as well.
        context = browser.new_context(bypass_csp=not policy)
        page = context.new_page()
        asked: list[str] = []
        happened: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog, happened=happened: happened.append(dialog.message) or dialog.dismiss())
        page.on("popup", lambda other, happened=happened: happened.append(other.url))
        page.on("console", lambda message, happened=happened: happened.append(message.text))
        page.on("pageerror", lambda error, happened=happened: happened.append(str(error)))
        page.goto(file.as_uri())
        title = page.title()
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        addresses = page.evaluate("[...document.querySelectorAll('[href]')].map(each => each.href)")
        assert {address.split(":")[0] for address in addresses} <= {"file", "https", "data"}
        page.wait_for_timeout(200)
        assert [url for url in asked if not url.startswith("data:") and url != file.as_uri()] == []
        assert happened == []
        assert page.title() == title
        assert title != MARK
        assert page.locator("main script, iframe, object, embed, form, base").count() == 0
        context.close()
