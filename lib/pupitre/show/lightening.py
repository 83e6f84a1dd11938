"""A drawing of Matplotlib in fewer bytes, the same to the eye.

Belongs: how an SVG is written. Does not: what it shows. Marks of one look stand together, in one path when they can;
places are told to the tenth of a point; fonts, background and what is the rule in SVG are told once, or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
HOUSE = "background:#fff;stroke-linejoin:round;font-family:'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"
USUAL = {"text-anchor:start", "stroke-dashoffset:0", "stroke-linejoin:round", "font-family:'DejaVu Sans'"}
SLACK = 0.1  # points: what the eye does not see
REACH = 2  # points: how far the ink of a line may spread from its middle

Steps = list[tuple[str, list[tuple[float, float]]]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A path, a marker or a text: its clip and style, what it covers (None for a text), its path, else its markup."""

    look: tuple[str, str]
    box: Box | None
    path: str
    markup: str = ""


def light(svg: str) -> str:
    """The same drawing in fewer bytes.

    >>> bar = '<path d="M 1.234 5 L 1.234 9.0 z" style="fill: #ffffff"/>'
    >>> print(light(f'<svg xmlns="http://www.w3.org/2000/svg" width="9"><g id="a">{bar}</g></svg>').replace(HOUSE, "…"))
    <svg xmlns="http://www.w3.org/2000/svg" width="9" style="…"><path style="fill:#fff" d="M1.2 5V9z"/></svg>
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 (ours)
    named = {node.attrib["id"]: node for node in root.iter() if "id" in node.attrib and node.tag != f"{SVG}g"}
    shapes = list(dict.fromkeys(node.get("d", name) for name, node in named.items()))
    names = {name: f"i{shapes.index(node.get('d', name))}" for name, node in named.items()}
    groups = _gathered(_mark(node, clip, named, names) for node, clip in _drawn(root))
    styles = Counter(group[0].look[1] for group in groups)
    shared = {style: f"s{rank}" for rank, style in enumerate(styles) if styles[style] > 1}
    rules = "".join(f".{name}{{{style}}}" for style, name in shared.items())
    drawn = "".join(_group(group, shared) for group in groups)
    used = {*re.findall(r"#(i\d+)", rules + "".join(re.findall("<[^>]*>", drawn)))}
    once = {names[name]: node for name, node in named.items() if names[name] in used}
    defined = "".join(_defined(node, names) for node in once.values())
    size = "".join(f' {name}="{value}"' for name, value in root.attrib.items() if name != "version")
    head = (f"<style>{rules}</style>" if rules else "") + (f"<defs>{defined}</defs>" if defined else "")
    return f'<svg xmlns="{SVG[1:-1]}"{size} style="{HOUSE}">{head}{drawn}</svg>'


def _drawn(node: Element, clip: str = "") -> Iterator[tuple[Element, str]]:
    """What is drawn, in its order, with the name of the clip that holds it."""
    for child in node:
        held = child.get("clip-path", clip)
        if child.tag == f"{SVG}g":
            yield from _drawn(child, held)
        elif child.tag != f"{SVG}defs":
            yield child, held.removeprefix("url(#").removesuffix(")")


def _mark(node: Element, clip: str, named: Mapping[str, Element], names: Mapping[str, str]) -> Mark:
    """A clip that cuts nothing is left out; a marker of straight lines is a path like another, a round one is named."""
    style, at = _style(node.get("style", ""), names), (float(node.get("x", 0)), float(node.get("y", 0)))
    place = f'x="{_tenth(at[0])}" y="{_tenth(at[1])}"'
    if node.tag == f"{SVG}text":
        turn = _tenths(node.get("transform", ""))
        turned = f' transform="{turn}"' if turn and not turn.startswith("rotate(-0 ") else ""
        return Mark(("", style), None, "", f"<text {place}{turned}>{escape(node.text or '', quote=False)}</text>")
    shape = node.get(LINK, "").removeprefix("#")
    steps = _steps(named[shape] if shape else node, *at)
    box = _box([place for _, places in steps for place in places])
    kept = names[clip] if clip and not _inside(box, named[clip][0]) else ""
    if shape and any(letter == "C" for letter, _ in steps):
        return Mark((kept, style), box, "", f'<use href="#{names[shape]}" {place}/>')
    return Mark((kept, style), box, _path(steps))


def _gathered(marks: Iterable[Mark]) -> list[list[Mark]]:
    """Marks of one look together, words last; a mark never goes under one that it touches."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.box is None):
        group = _home(mark, groups)
        if not group:
            groups.append(group)
        group.append(mark)
    return groups


def _home(mark: Mark, groups: Sequence[list[Mark]]) -> list[Mark]:
    """The group of its look, unless it touches what stands above that one; else a new one."""
    for group in reversed(groups):
        if group[0].look == mark.look:
            return group
        if any(_touch(mark.box, other.box) for other in group):
            break
    return []


def _group(marks: Sequence[Mark], shared: Mapping[str, str]) -> str:
    """One path when all are paths."""
    clip, style = marks[0].look
    look = f' clip-path="url(#{clip})"' if clip else ""
    look += f' class="{shared[style]}"' if style in shared else f' style="{style}"'
    path, rest = "".join(mark.path for mark in marks), "".join(mark.markup for mark in marks)
    if not rest:
        return f'<path{look} d="{path}"/>'
    drawn = f'<path d="{path}"/>' if path else ""
    return f"<g{look}>{drawn}{rest}</g>"


def _defined(node: Element, names: Mapping[str, str]) -> str:
    """A clip, a hatch or a marker; a marker takes its style from where it stands."""
    told = {key: names.get(value) or _style(_tenths(value), names) for key, value in node.attrib.items()}
    if "d" in told:
        told["d"] = _path(_steps(node))
    said = "".join(f' {key}="{value}"' for key, value in told.items() if key != "style" or "id" not in told)
    inner = "".join(_defined(child, names) for child in node)
    tag = node.tag.removeprefix(SVG)
    return f"<{tag}{said}>{inner}</{tag}>" if inner else f"<{tag}{said}/>"


def _steps(node: Element, right: float = 0, down: float = 0) -> Steps:
    """The letters of a path, each with its places, moved."""
    steps = []
    for letter, told in re.findall(r"([A-Za-z])([^A-Za-z]*)", node.attrib["d"]):
        said = [float(number) for number in told.split()]
        steps.append((letter, [(x + right, y + down) for x, y in zip(said[::2], said[1::2], strict=True)]))
    return steps


def _path(steps: Steps) -> str:
    """A path in as few signs as it takes: a line along an axis says only how far it goes."""
    told, here = "", ("", "")
    for letter, places in steps:
        said = [(_tenth(x), _tenth(y)) for x, y in places]
        if letter == "L" and here[1] == said[0][1]:
            told += "H" + said[0][0]
        elif letter == "L" and here[0] == said[0][0]:
            told += "V" + said[0][1]
        else:
            told += letter + " ".join(f"{x} {y}" for x, y in said)
        here = said[-1] if said else here
    return told


def _style(style: str, names: Mapping[str, str]) -> str:
    """What a style adds to the rule."""
    told = [part.replace(": ", ":") for part in style.split("; ")]
    kept = ";".join(part for part in told if part not in USUAL).replace("#ffffff", "#fff")
    return re.sub(r"(?<=url\(#)\w+", lambda name: names[name[0]], kept)


def _tenth(number: float) -> str:
    return f"{round(number, 1) + 0.0:g}"


def _tenths(text: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda number: _tenth(float(number[0])), text)


def _box(places: Collection[tuple[float, float]]) -> Box:
    across, along = zip(*places, strict=True)
    return min(across), min(along), max(across), max(along)


def _touch(one: Box | None, other: Box | None) -> bool:
    """Whether two marks may share ink."""
    if one is None or other is None:
        return False
    return all(one[side] <= other[side + 2] + REACH and other[side] <= one[side + 2] + REACH for side in (0, 1))


def _inside(box: Box, frame: Element) -> bool:
    """Whether a clip cuts nothing but the thickness of a line."""
    x, y, width, height = (float(frame.attrib[name]) for name in ("x", "y", "width", "height"))
    return x - SLACK <= box[0] and y - SLACK <= box[1] and box[2] <= x + width + SLACK and box[3] <= y + height + SLACK
