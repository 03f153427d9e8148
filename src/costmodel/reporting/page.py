"""What every page shares: cleaning of HTML that others wrote, headings to contents, and the shell around it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"

_TEXT = """a abbr article aside b blockquote br caption cite code col colgroup dd del details dfn div dl dt em
figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img input ins kbd li main mark nav ol p pre q s samp section
small span strong style sub summary sup table tbody td tfoot th thead time tr u ul var wbr"""
_MATH = """math maction menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms
mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics"""
_DRAWING = """svg g path rect circle ellipse line polyline polygon text tspan title desc defs lineargradient stop"""
ALLOWED = frozenset(f"{_TEXT} {_MATH} {_DRAWING}".split())

# Those that HTML reads as XML does: the content of the others is no markup there, or they have none.
_PLAIN = ALLOWED - {"style", "title"}
# Elements that have no end, as they are written in HTML.
_EMPTY = re.compile(r"<(w?br)>")

# Elements whose content means nothing without them, or means harm.
_MEANINGLESS_INSIDE = """script iframe object embed applet template noscript noembed noframes frame frameset textarea
select button xmp plaintext annotation annotation-xml foreignobject"""
_DROPPED = _MEANINGLESS_INSIDE.split()
_LINK = re.compile(r"(?:https?://|mailto:|#|[^:/?#]*(?:[/?#]|$))", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|svg\+xml|webp|gif);", re.IGNORECASE)
_CSS_REQUEST = re.compile(
    r"@import[^;]*;?|(?:url|image|image-set|src)\s*\((?!\s*['\"]?(?:data:|#))[^)]*\)?", re.IGNORECASE
)
_HARMFUL = frozenset({"srcdoc", "srcset", "formaction", "ping", "background", "action"})
_NUMBER = re.compile(r"^[\s\d.,:+\-−–—()\[\]/%×·*$€¥<>≤≥~eE\u00a0\u2009\u202f]*$")


# Control characters are no HTML; readers see them as boxes.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Heading:
    """An entry of the table of contents.

    Attributes:
        level: 2 or 3.
        anchor: id of the heading in the page.
        text: words of the heading.
    """

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Link:
    """A link of the page's frame, to a file beside it.

    Attributes:
        href: relative address.
        text: what the reader sees.
    """

    href: str
    text: str


def _harmless(tag: str, name: str, value: str) -> bool:
    if name.endswith("href"):
        return tag == "a" and name == "href" and bool(_LINK.match(value))
    if name == "src":
        return bool(_PICTURE.match(value))
    return not name.startswith("on") and name not in _HARMFUL


def _quiet(css: str) -> str:
    """CSS that asks for nothing; a word stands for what is taken out, or its ends could make a new request."""
    return _CSS_REQUEST.sub("none", css.replace("\\", ""))


def _clean_attributes(tag: Tag) -> None:
    for name in list(tag.attrs):
        value = " ".join(tag.attrs[name]) if isinstance(tag.attrs[name], list) else str(tag.attrs[name])
        if not _harmless(tag.name, name, "".join(value.split())):
            del tag.attrs[name]
        elif "(" in value or "@" in value:
            # Any attribute may hold CSS functions (style, and fill or mask of a drawing).
            tag.attrs[name] = _quiet(value) if name not in {"alt", "title", "href", "src"} else value


def clean(soup: BeautifulSoup) -> None:
    """Take out of a page all that could run, load, or send anything; in place.

    The Content-Security-Policy already forbids these; a page that is pasted elsewhere has no such policy.

    Args:
        soup: the parsed page.
    """
    # Comments, and what browsers end elsewhere than this parser does: CDATA, declarations, instructions.
    for text in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        text.extract()
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    for tag in soup.find_all():
        _clean_attributes(tag)
        if tag.name == "img" and "src" not in tag.attrs:
            tag.replace_with(str(tag.attrs.get("alt", "")))
        elif tag.name == "input" and tag.attrs.get("type") != "checkbox":
            tag.decompose()
        elif tag.name == "style":
            # In a drawing browsers read what is in a style as elements.
            tag.string = _quiet(tag.get_text()).replace("<", "")
        elif tag.name not in ALLOWED:
            tag.unwrap()


def clean_fragment(source: str) -> str:
    """One output of a notebook, cleaned by itself, so that a tag it left open ends with it.

    Args:
        source: HTML of the output.

    Returns:
        The cleaned HTML.

    Examples:
        >>> clean_fragment("<p onclick='x()'>a<script>b</script>")
        '<p>a</p>'
    """
    return str(_cleaned(source))


def closed(source: str) -> str:
    """One output of a notebook, in which every tag that it opens is closed; the page is cleaned as a whole later.

    Args:
        source: HTML of the output.

    Returns:
        The same HTML where that is certain, as it is of our own tables; else the HTML cleaned by itself.

    Examples:
        >>> closed("<p onclick='x()'>a</p>"), closed("<p onclick='x()'>a")
        ("<p onclick='x()'>a</p>", '<p>a</p>')
    """
    return source if _well_formed(source) else clean_fragment(source)


def _well_formed(source: str) -> bool:
    """Whether HTML is also XML, of elements that begin and end in both alike."""
    if "<!" in source or "<?" in source:
        return False
    names: set[str] = set()
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, _: names.add(name)
    try:
        parser.Parse("<div>" + _EMPTY.sub(r"<\1/>", source) + "</div>", True)  # noqa: FBT003
    except ExpatError:
        return False
    return names <= _PLAIN


def _cleaned(source: str) -> BeautifulSoup:
    soup = BeautifulSoup(_CONTROL.sub("", source), "html.parser")
    clean(soup)
    # Words on both sides of a tag that was taken out are one text again.
    soup.smooth()
    return soup


def headings(soup: BeautifulSoup) -> list[Heading]:
    """Give every heading an anchor, and list those of level 2, and of level 3 where their words say enough.

    A heading of level 3 that comes again under another heading (a workload) is not listed: alone it says nothing.

    Args:
        soup: the parsed page; its headings get ids.

    Returns:
        The entries of the table of contents, in order.
    """
    found, used = [], {"top", "contents"}
    for tag in soup.find_all(["h1", "h2", "h3", "h4"]):
        text = tag.get_text(" ", strip=True)
        stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "section"
        anchor, number = stem, 2
        while anchor in used:
            anchor, number = f"{stem}-{number}", number + 1
        used.add(anchor)
        tag["id"] = anchor
        if tag.name in {"h2", "h3"} and text:
            found.append(Heading(int(tag.name[1]), anchor, text))
    times = Counter(heading.text for heading in found)
    return [heading for heading in found if heading.level == 2 or times[heading.text] == 1]


def _is_number(cell: Tag) -> bool:
    text = cell.get_text().replace(" to ", "–")
    return bool(_NUMBER.match(text)) and (any(map(str.isdigit, text)) or text.strip() in {"–", "—"})


def _align(table: Tag) -> None:
    """Mark columns of numbers; tables with merged cells are left as their author made them."""
    rows = [row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr")]
    if not rows or any("colspan" in cell.attrs or "rowspan" in cell.attrs for row in rows for cell in row):
        return
    for column in range(max(map(len, rows))):
        cells = [row[column] for row in rows if column < len(row)]
        data = [cell for cell in cells if cell.name == "td" and cell.get_text(strip=True)]
        if data and 2 * sum(map(_is_number, data)) > len(data):
            for cell in cells:
                if cell.name == "th" or _is_number(cell):
                    cell["class"] = " ".join([*filter(None, cell.get_attribute_list("class")), "num"])


def _breakable(soup: BeautifulSoup, table: Tag) -> None:
    """Let dotted names in a table break after a dot, and nowhere else."""
    for code in table.find_all("code"):
        parts = code.get_text().split(".")
        code.clear()
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            code.append(part if last else f"{part}.")
            if not last:
                code.append(soup.new_tag("wbr"))


def box_tables(soup: BeautifulSoup) -> None:
    """Put every table into a box that scrolls by itself, and align its columns of numbers; in place.

    Args:
        soup: the parsed page.
    """
    for table in soup.find_all("table"):
        if table.find_parent("table") or table.find_parent(class_="table-box"):
            continue
        _align(table)
        _breakable(soup, table)
        caption = table.find("caption")
        label = caption.get_text(" ", strip=True) if caption else "Table"
        table.attrs.pop("border", None)
        # Focusable, so that it can be scrolled by keyboard too.
        box = {"class": "table-box", "role": "group", "tabindex": "0", "aria-label": label}
        table.wrap(soup.new_tag("div", attrs=box))


@cache
def environment() -> Environment:
    """The templates of the pages; everything put into them is escaped unless marked as safe."""
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    env.globals["css"] = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return env


def report_page(body: str, title: str | None, links: Sequence[Link], home: Link | None) -> str:
    """The whole report page around a body of HTML fragments.

    Args:
        body: HTML fragments, not yet cleaned.
        title: title of the page; None takes the first heading of level 1.
        links: files beside the report.
        home: where the reader came from, or None.

    Returns:
        A self-contained HTML document.
    """
    soup = _cleaned(body)
    contents = headings(soup)
    box_tables(soup)
    first = soup.find("h1")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            body=str(soup),
            title=title or (first.get_text(" ", strip=True) if first else "Report"),
            has_title=first is not None,
            contents=contents,
            links=list(links),
            home=home,
        )
    )
