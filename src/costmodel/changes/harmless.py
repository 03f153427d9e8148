"""Text of strangers made harmless in Markdown on GitHub: it names nobody, links nowhere and is no markup."""

import re
import unicodedata

from costmodel.words import markdown

# Between a sign and what it would make a mention or a reference of: nothing is seen of it.
_JOINER = "\u2060"
# Names of parameters, files and revisions that are code as they stand.
_PLAIN = re.compile(r"[\w.,:;/+^~ ()\[\]=-]{1,200}")
_REFERENCE = re.compile(r"(@|\\#|\b[Gg][Hh](?=\\-))")
_ADDRESS = re.compile(r"\b(https?|ftp|www|mailto|xmpp)(?=\\?[.:])", re.IGNORECASE)
_LONGEST = 240


def text(words: object, longest: int = _LONGEST) -> str:
    r"""Text as one line of Markdown in which nothing is markup, a mention, a reference or a link.

    Args:
        words: the text.
        longest: characters after which it is cut.

    Examples:
        >>> text("<img src=x> @all #1 |\n![a](b) `c`").replace(_JOINER, "·")
        '\\<img src\\=x\\> @·all \\#·1 \\| \\!\\[a\\]\\(b\\) \\`c\\`'
        >>> text("see https://evil.example").replace(_JOINER, "·")
        'see https·\\://evil\\.example'
    """
    line = " ".join(str(words).split())
    seen = "".join(letter for letter in line if not unicodedata.category(letter).startswith("C"))
    cut = seen if len(seen) <= longest else seen[: longest - 1].rstrip() + "…"
    return _ADDRESS.sub(rf"\1{_JOINER}", _REFERENCE.sub(rf"\1{_JOINER}", markdown(cut)))


def code(words: object) -> str:
    r"""A name as code, where it is one; else as harmless text.

    Examples:
        >>> print(code("channels.direct.available"), code("a`<b>"))
        `channels.direct.available` a\`\<b\>
    """
    name = str(words)
    return f"`{name}`" if _PLAIN.fullmatch(name) and name == name.strip() else text(name)


def number(words: str) -> str:
    r"""Figures made here: a dollar sign opens no formula.

    Examples:
        >>> print(number("$2.31"))
        \$2.31
    """
    return words.replace("$", r"\$").replace("<", "&lt;").replace("|", r"\|")
