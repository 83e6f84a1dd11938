"""The consultant's own words, as a piece of page.

Belongs: Markdown made inert. Does not: reading the file (`data/notes.py`). Whatever HTML it holds shows as text.
"""

from __future__ import annotations

import re

import mistune
import nh3

from pupitre.formats import typeset
from pupitre.show.html import NOTHING, Html

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "blockquote", "a"}
HEADING = re.compile(r"^#{2,6} +(.*?)[ #]*$", re.MULTILINE)
MARKDOWN = mistune.create_markdown(escape=True)


def show_note(text: str) -> Html:
    """A note as paragraphs, lists and emphasis; a heading in it is a paragraph in bold; links lead to https only.

    >>> show_note("Voir **vite** <b>ici</b>").markup
    '<div class="opinion"><p>Voir <strong>vite</strong> &lt;b&gt;ici&lt;/b&gt;</p>\\n</div>'
    """
    if not text:
        return NOTHING
    markup = str(MARKDOWN(HEADING.sub(r"**\1**\n", typeset(text))))
    return Html(f'<div class="opinion">{nh3.clean(markup, tags=TAGS, url_schemes={"https"})}</div>')
