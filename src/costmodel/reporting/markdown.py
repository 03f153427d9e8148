"""Markdown to HTML with TeX as MathML; raw HTML in the text is shown, never obeyed."""

from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any, ClassVar

from bs4 import BeautifulSoup
from latex2mathml.converter import convert
from mistune import HTMLRenderer, Markdown
from nbconvert.filters.markdown_mistune import MarkdownWithMath, MathInlineParser

# An environment that only numbers or centres its content: MathML needs the content alone.
_PLAIN_ENVIRONMENTS = frozenset({"equation", "equation*", "displaymath", "math"})


def mathml(tex: str, *, display: bool) -> str:
    r"""TeX as MathML; TeX that cannot be converted is shown as it was written.

    Args:
        tex: formula without its delimiters.
        display: True for a formula on its own line.

    Returns:
        A `math` element, or a `code` element with the TeX.

    Examples:
        >>> mathml("x^2", display=False).startswith("<math")
        True
        >>> mathml("\\frac{", display=False)
        '<code class="tex">\\frac{</code>'
    """
    try:
        return str(convert(tex.strip(), display="block" if display else "inline"))
    # The converter raises exceptions of many unrelated classes for wrong TeX (IndexError among them).
    except Exception:  # noqa: BLE001
        return f'<code class="tex">{escape(tex)}</code>'


class _Inline(MathInlineParser):
    # A dollar sign opens a formula only before a non-space, and closes one only after a non-space and not
    # before a digit (pandoc's rule): "from $5 to $10" is money, not mathematics.
    INLINE_MATH_TEX = r"(?<![$\\])\$(?=\S)(?P<math_inline_tex>[^$]+?)(?<=\S)(?<!\\)\$(?![$\d])"
    SPECIFICATION: ClassVar = {**MathInlineParser.SPECIFICATION, "inline_math_tex": INLINE_MATH_TEX}


class _Renderer(HTMLRenderer):
    def __init__(self) -> None:
        super().__init__(escape=True)

    def block_math(self, body: str) -> str:
        return mathml(body, display=True)

    def inline_math(self, body: str) -> str:
        return mathml(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:
        inner = body if name in _PLAIN_ENVIRONMENTS else f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return mathml(inner, display=True)


@cache
def _parser() -> Markdown:
    return MarkdownWithMath(renderer=_Renderer(), inline=_Inline(hard_wrap=False))


def render(source: str) -> str:
    """Markdown as HTML. Raw HTML is escaped, harmful link targets are removed, TeX becomes MathML.

    Args:
        source: Markdown text, possibly from an untrusted parameter set.

    Returns:
        An HTML fragment.

    Examples:
        >>> render("<b>bold</b> costs $5 to $10").strip()
        '<p>&lt;b&gt;bold&lt;/b&gt; costs $5 to $10</p>'
    """
    return str(_parser()(source))


def render_tex(source: str) -> str:
    """A `text/latex` output as MathML, with or without its `$` delimiters.

    Args:
        source: TeX as IPython's `Latex` and `Math` give it.

    Returns:
        A display formula.
    """
    tex = source.strip()
    return mathml(tex.strip("$").removeprefix(r"\displaystyle"), display=True)


def alternative_text(output: Mapping[str, Any], cell: Mapping[str, Any], mime: str) -> str:
    """What a figure shows, in words: of the output, of the SVG's own title, or of the cell.

    Args:
        output: a notebook output with a data bundle.
        cell: the cell that the output belongs to.
        mime: which entry of the bundle is shown, such as `image/svg+xml`.

    Returns:
        Plain text, not escaped; never empty.
    """
    stated = output.get("metadata", {}).get(mime, {})
    found = stated.get("alt") if isinstance(stated, Mapping) else None
    if not found and mime == "image/svg+xml":
        found = _svg_title(str(output.get("data", {}).get(mime, "")))
    return str(found or cell.get("metadata", {}).get("alt") or "Figure (no description was given)")


def _svg_title(svg: str) -> str | None:
    found = BeautifulSoup(svg, "html.parser").find("title")
    return found.get_text(" ", strip=True) if found else None
