"""French numbers, dates and plurals, and sentences filled with named figures.

Belongs: how a value is written. Does not: any value, any markup (a caller passes its own `mark`).
A *spec* says how a figure is written: a name of `SPECS` (`euros`, `about`, `percent`, `number`, `year`, `day`, `text`…)
or a noun with its plural (« école|écoles »), which gives « 1 école », « 3 écoles ».
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from string import Formatter

from babel.dates import format_date
from babel.numbers import format_decimal

from pupitre.errors import UsageError

NBSP = "\u00a0"
THIN_NBSP = "\u202f"
MINUS = "\u2212"
UNKNOWN = "non connu"

Value = str | int | float | bool | None
Figures = Mapping[str, Value]
Mark = Callable[[str, Value, str], str]


def rounded(value: float, decimals: int = 0) -> Decimal:
    """Round half away from zero, as the French round by hand, not half to even.

    >>> rounded(2.5), rounded(0.125, 2)
    (Decimal('3'), Decimal('0.13'))
    """
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def cents(value: float) -> float:
    """An amount rounded to the cent.

    >>> cents(19.685)
    19.69
    """
    return float(rounded(value, 2))


def number(value: float, decimals: int = 0) -> str:
    """A number with thin no-break spaces between thousands and a decimal comma.

    >>> number(12345.5, 1) == f"12{THIN_NBSP}345,5"
    True
    """
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    written = format_decimal(rounded(value, decimals) + 0, format=pattern, locale="fr_FR")
    return str(written).replace("-", MINUS)


def euros(value: float, decimals: int = 0) -> str:
    """An amount in euros: « 1 235 € ».

    >>> euros(1234.5) == f"1{THIN_NBSP}235{NBSP}€"
    True
    """
    return number(value, decimals) + NBSP + "€"


def about(value: float) -> str:
    """An amount in euros rounded to three figures, for reading; the table beside it gives the exact one.

    >>> about(79_523.4) == f"79{THIN_NBSP}500{NBSP}€", about(48.21) == f"48{NBSP}€"
    (True, True)
    """
    digits = len(str(int(abs(value))))
    return euros(float(rounded(value, min(0, 3 - digits))))


def percent(ratio: float) -> str:
    """A ratio as a percentage, with as many decimals as it has, three at most.

    >>> percent(0.16404) == f"16,404{NBSP}%", percent(0.2) == f"20{NBSP}%"
    (True, True)
    """
    return as_it_is(float(rounded(ratio * 100, 3))) + NBSP + "%"


def rank(value: float) -> str:
    """A rank: « 1er », « 6e ».

    >>> rank(1), rank(6)
    ('1er', '6e')
    """
    return "1er" if value == 1 else f"{int(value)}e"


def day(value: date | str) -> str:
    """A date in words: « 22 novembre 2026 », « 1er septembre 2024 ».

    >>> day(date(2026, 11, 22)) == f"22{NBSP}novembre{NBSP}2026"
    True
    """
    moment = value if isinstance(value, date) else date.fromisoformat(value)
    first = "1er" if moment.day == 1 else str(moment.day)
    return NBSP.join([first, str(format_date(moment, "MMMM", locale="fr_FR")), str(moment.year)])


def parse_day(text: str) -> date:
    """A date written AAAA-MM-JJ.

    >>> parse_day("2026-11-22")
    datetime.date(2026, 11, 22)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"« {text} » n'est pas une date. Écrivez AAAA-MM-JJ, par exemple 2026-11-22.") from None


def typeset(text: str) -> str:
    """French spacing and apostrophes: a no-break space before : ; ! ? % € », after « and °, in L. 132-1, and ’ for '.

    >>> typeset("Combien ? « 5 % »") == f"Combien{NBSP}? «{NBSP}5{NBSP}%{NBSP}»", typeset("l'école")
    (True, 'l’école')
    """
    text = text.replace("'", "’")
    text = re.sub(r"\b([LR]\.) (?=\d)", rf"\1{NBSP}", text)
    return re.sub(r"([«°]) ", rf"\1{NBSP}", re.sub(r" ([:;!?%€»])", rf"{NBSP}\1", text))


def as_it_is(value: float | str) -> str:
    """A value with just the decimals it has, a text, or oui and non.

    >>> as_it_is(14.4), as_it_is(5.0), as_it_is("6156"), as_it_is(False)
    ('14,4', '5', '6156', 'non')
    """
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str):
        return value
    exact = Decimal(str(value)).normalize()
    return number(float(value), max(0, -int(exact.as_tuple().exponent)))


SPECS: dict[str, Callable[..., str]] = {
    "euros": euros,
    "cents": lambda value: euros(value, 2),
    "about": about,
    "percent": percent,
    "percent1": lambda ratio: percent(float(rounded(ratio, 3))),
    "percent2": lambda ratio: percent(float(rounded(ratio, 4))),
    "points": lambda ratio: written(round(100 * ratio), "point|points"),
    "quarter": lambda period: f"{rank(int(period[-1]))} trimestre {period[:4]}",
    "rank": rank,
    "plain": as_it_is,
    "number": number,
    "decimal": lambda value: number(value, 1),
    "decimal2": lambda value: number(value, 2),
    "year": lambda value: str(int(value)),
    "school_year": lambda start: f"{int(start)}-{int(start) + 1}",
    "day": day,
    "text": str,
}


def written(value: Value, spec: str) -> str:
    """One value written as its spec says; « non connu » when there is none. In French, the plural begins at two.

    >>> written(1, "école|écoles") == f"1{NBSP}école", written(2, "école|écoles") == f"2{NBSP}écoles"
    (True, True)
    >>> written(0, "école|écoles") == f"0{NBSP}école", written(None, "euros")
    (True, 'non connu')
    >>> written(2022, "school_year"), written("2026-T2", "quarter"), written(2021.0, "year"), written(14.45, "decimal")
    ('2022-2023', '2e trimestre 2026', '2021', '14,5')
    """
    if value is None:
        return UNKNOWN
    if spec in SPECS:
        return SPECS[spec](value)
    if "|" not in spec:
        raise KeyError(f"unknown spec `{spec}`")
    one, _, many = spec.partition("|")
    return number(float(value)) + NBSP + (many if abs(rounded(float(value))) >= 2 else one)


def placeholders(template: str) -> Iterator[tuple[str, str | None, str]]:
    """The parts of a template: (text before, name of the figure or None, spec)."""
    for before, name, spec, _ in Formatter().parse(template):
        yield before, name, spec or "text"


def echo(value: object) -> str:
    """What a message repeats of what it was given: its first sixty characters.

    >>> echo("a" * 100) == "a" * 60
    True
    """
    return str(value)[:60]


def literal(text: str) -> str:
    """A text that a template may hold as it is: its braces are not placeholders, its stars not emphasis.

    >>> fill(literal("{nom}"), {})
    '{nom}'
    """
    return re.sub(r"\*(?=\*)", "*\u2060", text.replace("{", "{{").replace("}", "}}"))


def fill(template: str, figures: Figures, mark: Mark = lambda name, value, text: text) -> str:
    """A template filled with figures by name; `mark` may wrap each figure in markup.

    >>> fill("{n:école|écoles} pour {cost:euros}", {"n": 1, "cost": 500}) == f"1{NBSP}école pour 500{NBSP}€"
    True
    """
    parts = []
    for before, name, spec in placeholders(template):
        parts.append(before)
        if name is not None:
            parts.append(mark(name, figures[name], written(figures[name], spec)))
    return "".join(parts)
