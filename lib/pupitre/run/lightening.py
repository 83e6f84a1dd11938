"""A page in fewer bytes, the same to whoever reads it.

Belongs: what HTML lets us say once, or not at all. Does not: any word, any figure. The page comes as the exporter
writes it, attributes in alphabetical order and between quotes.
A row says once, as `data-of`, how the names of its figures begin and end: the name of a figure in `resultats.json` is
the `data-of` of its row, when there is one, with its own `data-figure` for the star.
"""

from __future__ import annotations

import re
from itertools import count, takewhile

QUOTED = r"(?:\"[^\"]*\"|'[^']*')"
TAG = re.compile(rf"<([a-z][a-z0-9]*)((?: [a-z-]+={QUOTED})*) ?/?>")
WORDS = "aria-labelledby|class|colspan|data-figure|data-of|id|role|scope|tabindex|value"
ONE_WORD = re.compile(rf" ({WORDS})=\"([\w.*-]+)\"(?= |$)|({QUOTED})")
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
NAME = re.compile(r"(<data data-figure=\")([^\"]+)")
OF_TABLE = re.compile(rf"<div aria-label={QUOTED}( class=\"table[^>]*><table[^>]*><caption)>")
OF_CHART = re.compile(rf"<figcaption>(.*?</figcaption><div) aria-label={QUOTED}( class=\"chart\")", re.DOTALL)


def lighter(html: str) -> str:
    """The same page: styles without blanks, regions named by their caption, quotes only where they are needed.

    >>> lighter('<tr><th scope="row">A</th><td><data data-figure="plan.a.low" value="1">1</data></td></tr><br/>')
    '<tr><th scope=row>A</th><td><data data-figure=plan.a.low value=1>1</data></td></tr><br>'
    """
    html = re.sub(r"<style>.*?</style>", lambda style: _packed(style[0]), html, count=1, flags=re.DOTALL)
    return TAG.sub(_unquoted, _labelled(ROW.sub(_named_once, html)))


def _packed(style: str) -> str:
    """A style sheet without comments, indents nor blanks around its braces."""
    style = re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    return re.sub(r";? ?\} ?", "}", re.sub(r" ?\{ ?", "{", style.replace("; ", ";")))


def _named_once(row: re.Match[str]) -> str:
    """The words that begin and end all names of a row, told on the row when that is shorter."""
    names = [name[2].split(".") for name in NAME.finditer(row[0])]
    begin = _shared(names)
    end = _shared([words[len(begin) :][::-1] for words in names])[::-1]
    of = ".".join([*begin, "*", *end])
    if len(of[1:]) * len(names) <= len(f' data-of="{of}"'):
        return row[0]
    own = slice(len(begin), -len(end) or None)
    short = NAME.sub(lambda name: name[1] + ".".join(name[2].split(".")[own]), row[0])
    return f'<tr data-of="{of}"' + short.removeprefix("<tr")


def _shared(names: list[list[str]]) -> list[str]:
    """The first words that all names share, each name keeping its last."""
    words = zip(*(name[:-1] for name in names), strict=False)
    return [same[0] for same in takewhile(lambda one: len({*one}) == 1, words)]


def _labelled(html: str) -> str:
    """What scrolls is named by its caption, inside or above, rather than by the same words again."""
    ranks = count(1)

    def table(found: re.Match[str]) -> str:
        name = f"t.{next(ranks)}"
        return f'<div aria-labelledby="{name}"{found[1]} id="{name}">'

    def chart(found: re.Match[str]) -> str:
        name = f"t.{next(ranks)}"
        return f'<figcaption id="{name}">{found[1]} aria-labelledby="{name}"{found[2]}'

    return OF_CHART.sub(chart, OF_TABLE.sub(table, html))


def _unquoted(tag: re.Match[str]) -> str:
    """A word needs no quotes; `/` says nothing in HTML."""
    attributes = ONE_WORD.sub(lambda one: f" {one[1]}={one[2]}" if one[1] else one[0], tag[2])
    return f"<{tag[1]}{attributes}>"
