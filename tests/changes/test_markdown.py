"""The summary of a pull request: what it tells, that strangers' text is harmless in it, and that it is short enough."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from mistune import create_markdown

from costmodel.changes import sentences
from costmodel.changes.harmless import code, text
from costmodel.changes.inputs import Input, InputChange, both_words
from costmodel.changes.markdown import MARK, MOST, changes_markdown
from pull_request import HOSTILE, compare, fill, replaced

GITHUB = create_markdown(escape=False, plugins=["table", "url", "strikethrough", "task_lists", "footnotes", "math"])


@pytest.fixture(scope="module")
def summary(found):
    return changes_markdown(found)


def page(markdown):
    return BeautifulSoup(GITHUB(markdown), "html.parser")


def words_of(markdown):
    return re.sub(r"\s+", " ", page(markdown).get_text(" ", strip=True))


def test_it_tells_what_failed_changed_and_moved(summary):
    told = words_of(summary)
    assert summary.startswith(f"{MARK}\n")
    for words in (
        "7 sets: 1 fails, 4 changed, 1 added, 1 removed.",
        "params/wrong.yaml:4",
        "unknown name; did you mean `discount_rate`?",
        "finance.inflation",
        "Closed now: Licensed H200. On the mix",
        "the cheapest channel is Cloud in third country, not Licensed H200.",
        "256 draws of each side from the same random numbers (seed 0)",
    ):
        assert words in told, words
    # The source before and after, and how many sets inherit it.
    cells = [row.get_text("|") for row in page(summary).find_all("tr") if "finance.inflation" in row.get_text()]
    assert len(cells) == 1
    assert "2.5" in cells[0]
    assert "source cost-319" in cells[0]
    assert "and 3 more" in cells[0]


def test_tables_have_the_same_number_of_cells_in_every_row(summary):
    tables = page(summary).find_all("table")
    assert len(tables) > 5
    for table in tables:
        assert len({len(row.find_all(["td", "th"])) for row in table.find_all("tr")}) == 1, table.get_text()


def test_numbers_are_rounded_and_have_units(summary):
    assert not re.search(r"\d\.\d{6}|\de[-+]\d", summary)
    assert "US dollars per H100-equivalent hour" in summary


def test_text_of_strangers_is_no_markup(summary):
    found = page(summary)
    assert HOSTILE.split()[0] in found.get_text()
    assert not found.find_all(["img", "a", "script", "iframe", "del"])
    # Nobody is told, no issue referred to: what looks like it is broken by a sign that is not seen.
    assert not re.search(r"@\w|#\d", found.get_text())


@pytest.mark.parametrize(
    "hostile",
    [
        HOSTILE,
        "x\n\n# heading\n\n- list",
        "| a | b |\n| --- | --- |",
        "</summary></details><script>alert(1)</script>",
        "<!-- unclosed",
        "[a]: http://e.example\n[a]",
        "www.evil.example mailto:a@b.example someone@evil.example",
        "```\ncode",
        "\\| \\` \\\\",
        "&lt;img&gt; &#64;octocat",
        "~~gone~~ $x^2$ :smile: **bold** _it_ ==",
        "\u202eright to left\u2066 \x00\x1b[31m",
        "GH-1 owner/repo#2",
    ],
)
def test_any_text_is_one_line_that_reads_as_it_was(hostile):
    shown = text(hostile, 1000)
    assert "\n" not in shown
    found = page(f"| a | b |\n| --- | --- |\n| {shown} | c |\n")
    cells = found.find_all("td")
    assert [len(cells), cells[1].get_text()] == [2, "c"]
    inside = [tag.name for tag in cells[0].find_all(True)]
    assert inside == []
    plain = "".join(x for x in " ".join(hostile.split()) if x.isprintable())
    assert " ".join(cells[0].get_text().replace("\u2060", "").split()) == " ".join(plain.split())


@pytest.mark.parametrize("name", ["a`b", "a|b", "<b>", "a\nb", "@octocat", "![x](y)"])
def test_names_that_are_none_are_not_code(name):
    assert not code(name).startswith("`")
    assert code("channels.direct.available") == "`channels.direct.available`"


@pytest.mark.slow
def test_it_stays_short_and_says_what_was_left_out(found):
    # As many sets as a large folder has, each with long words.
    many = []
    for at in range(60):
        many += [replace(item, name=f"{item.name}_{at}", problems=item.problems) for item in found.sets]
    changes = replace(found, sets=tuple(many))
    whole = changes_markdown(changes)
    assert len(whole) <= MOST
    assert "Left out, since a comment on GitHub may not be longer" in whole
    assert re.search(r"the details of \d+ sets", whole)
    for part in ("What fails", "What was changed", "What moves", "Rank flips"):
        assert f"### {part}" in whole
    assert len(changes_markdown(found)) < len(whole)
    # Nothing that was opened stays open.
    assert whole.count("<details>") == whole.count("</details>")


@pytest.mark.slow
def test_unchanged_says_so(repository):
    found = compare(repository.folder, repository.base, repository.base)
    summary = changes_markdown(found)
    assert sentences.NOTHING in summary
    assert "5 sets: 5 unchanged." in words_of(summary)
    assert "<details>" not in summary


def test_changed_code_is_said(found):
    told = words_of(changes_markdown(replace(found, code=("src/costmodel/a.py", "src/costmodel/b.py"))))
    assert "code of the package differs between the two revisions too (2 files: src/costmodel/a.py" in told


@pytest.mark.slow
def test_a_source_alone_is_told_before_and_after(repository, tmp_path):
    fill(tmp_path / "params")
    replaced(tmp_path / "params" / "licence_closed.yaml", "source: GM035, as_of", "source: GM082, as_of")
    told = words_of(changes_markdown(compare(repository.folder, repository.base, tmp_path / "params")))
    assert "before: source GM035" in told
    assert "after: source GM082" in told
    assert "with other words or sources only" in told


def test_small_changes_are_told_with_as_many_digits_as_they_need():
    change = InputChange("x", Input("x", 0.1234567, "USD"), Input("x", 0.1234568, "USD"))
    before, after = both_words(change)
    assert before != after
    assert both_words(replace(change, after=change.before)) == ("$0.1235", "$0.1235")
