"""Main text of real documentation pages: `python benchmarks/extraction.py [--detail]` prints a table of four readers.

Pages come from packages of this machine (Debian's doc packages, a Rust toolchain) and are never committed. The gold
standard is a rule for each family of pages, checked by hand on its pages: where the text is, and what in it is none.
F1 counts words as a bag; order is the share of the gold's words that stand in one common order (difflib's blocks).
Readers: ours; trafilatura as it comes; jusText with English stop words; readability as trafilatura carries it.
"""

from __future__ import annotations

import argparse
import difflib
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUST = str(Path.home() / ".rustup/toolchains/stable-x86_64-unknown-linux-gnu/share/doc/rust/html")


@dataclass(frozen=True)
class Family:
    """Pages made by one generator: `main` and `without` are XPaths, the latter below the former."""

    package: str
    folder: str
    pages: tuple[str, ...]
    main: str
    without: tuple[str, ...] = ()


FAMILIES = (
    Family(
        "nodejs-doc",
        "/usr/share/doc/nodejs/api",
        ("path.html", "os.html", "debugger.html", "synopsis.html", "embedding.html"),
        "//div[@id='apicontent']",
        (".//a[@class='mark']", ".//a[contains(@class,'srclink')]"),
    ),
    Family(
        "valgrind (DocBook)",
        "/usr/share/doc/valgrind/html",
        ("quick-start.html", "manual-intro.html", "design-impl.html", "sg-manual.html", "nl-manual.html"),
        "//body",
        ("./div[table[contains(@class,'nav')]]", ".//div[@class='toc']", ".//a[@class='footnote']"),
    ),
    Family(
        "libffi-dev (Texinfo)",
        "/usr/share/doc/libffi8/html",
        ("Introduction.html", "Structures.html", "The-Basics.html", "The-Closure-API.html", "Memory-Usage.html"),
        "//body/div[contains(@class,'chapter') or contains(@class,'section')]",
        ("./div[@class='header' or @class='nav-panel']", ".//ul[@class='section-toc']", ".//a[@class='copiable-link']"),
    ),
    Family(
        "rust-docs (mdBook)",
        f"{RUST}/book",
        ("ch04-01-what-is-ownership.html", "ch01-02-hello-world.html", "ch10-03-lifetime-syntax.html",
         "ch15-01-box.html", "appendix-02-operators.html"),
        "//main",
        (".//div[@class='buttons']",),
    ),
    Family(
        "rust-docs (rustdoc)",
        f"{RUST}/std",
        ("option/index.html", "result/index.html", "fmt/index.html", "pin/index.html", "collections/index.html"),
        "//section[@id='main-content']",
        (".//rustdoc-toolbar", ".//a[@class='src rightside']", ".//div[@class='rustdoc-breadcrumbs']",
         ".//a[contains(@class,'doc-anchor') or @class='anchor']", ".//*[@class='sub-heading']",
         ".//button", ".//a[contains(@class,'tooltip') or contains(@class,'test-arrow')]"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What a reader made of a page; `headings` and `cells` are None where it does not tell them apart."""

    text: str
    headings: list[str] | None = None
    cells: str | None = None


Reader = Callable[[bytes], Reading]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--detail", action="store_true", help="print each page")
    detail = parser.parse_args().detail
    found = [(f, Path(f.folder) / name) for f in FAMILIES for name in f.pages if (Path(f.folder) / name).is_file()]
    print(f"{len(found)} pages of {len({family.package for family, _ in found})} families")
    print(f"{'reader':<14}{'F1':>7}{'prec.':>7}{'recall':>8}{'order':>7}{'headings':>10}{'tables':>8}{'ms/page':>9}")
    for name, reader in READERS.items():
        rows = [judged(reader, family, path) for family, path in found]
        print(f"{name:<14}" + "".join(shown(column) for column in zip(*rows, strict=True)))
        for (family, path), row in zip(found, rows, strict=True) if detail else ():
            print(f"    {family.package:<22}{path.name:<34}" + "".join(shown([value]) for value in row))


def shown(column: Iterable[float | None]) -> str:
    values = [value for value in column if value is not None]
    return f"{statistics.mean(values):8.3f}" if values else f"{'–':>8}"


def judged(reader: Reader, family: Family, path: Path) -> tuple[float | None, ...]:
    """F1, precision, recall, order, headings found, words of tables found (None: no gold or not told), ms."""
    data = path.read_bytes()
    gold = standard(family, data)
    began = time.perf_counter()
    reading = reader(data)
    took = 1000 * (time.perf_counter() - began)
    right, read = words(gold.text), words(reading.text)
    common = (Counter(right) & Counter(read)).total()
    precision, recall = common / max(len(read), 1), common / max(len(right), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    blocks = difflib.SequenceMatcher(None, right, read, autojunk=False).get_matching_blocks()
    order = sum(block.size for block in blocks) / max(len(right), 1)
    return f1, precision, recall, order, told(gold.headings, reading.headings), cells(gold, reading), took


def told(gold: list[str] | None, found: list[str] | None) -> float | None:
    """The share of the gold's headings that were found as headings."""
    if not gold or found is None:
        return None
    plain = [" ".join(words(heading)) for heading in found]
    return sum(" ".join(words(heading)) in plain for heading in gold) / len(gold)


def cells(gold: Reading, reading: Reading) -> float | None:
    if not gold.cells or reading.cells is None:
        return None
    wanted = Counter(words(gold.cells))
    return (wanted & Counter(words(reading.cells))).total() / max(wanted.total(), 1)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def standard(family: Family, data: bytes) -> Reading:
    """What a page says by the rule of its family."""
    from lxml import html

    tree = html.document_fromstring(data)
    [element, *_] = tree.xpath(family.main)
    nothing = (".//script", ".//style", ".//noscript", ".//template", *family.without)
    for other in [other for path in nothing for other in element.xpath(path)]:
        if other.getparent() is not None:
            other.drop_tree()
    headings = [" ".join(text_of(heading).split()) for heading in element.xpath(".//h1|.//h2|.//h3|.//h4|.//h5|.//h6")]
    tables = " ".join(text_of(cell) for cell in element.xpath(".//td|.//th"))
    return Reading(text_of(element), [heading for heading in headings if words(heading)], tables)


def text_of(element: Any) -> str:
    """Words of different elements stay apart but for those within a line."""
    inline = {"a", "b", "code", "em", "i", "span", "strong", "sup", "sub", "tt", "wbr", "var", "kbd"}
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(text_of(child) if child.tag in inline else f" {text_of(child)} ")
        parts.append(child.tail or "")
    return "".join(parts)


# ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def ours(data: bytes) -> Reading:
    from aiwriter.documents import BlockKind
    from aiwriter.sources.extracted import cleaned
    from aiwriter.sources.html import extract

    pieces = cleaned(extract(data)).pieces
    headings = [piece.text for piece in pieces if piece.kind is BlockKind.HEADING]
    tables = " ".join(piece.text for piece in pieces if piece.kind is BlockKind.TABLE)
    return Reading("\n".join(piece.text for piece in pieces), headings, tables)


def by_trafilatura(data: bytes) -> Reading:
    from lxml import etree
    from trafilatura import extract

    found = extract(data.decode("utf-8", "replace"), output_format="xml")
    tree = etree.fromstring((found or "<doc/>").encode())
    headings = ["".join(head.itertext()) for head in tree.iter("head")]
    return Reading(" ".join(tree.itertext()), headings, " ".join("".join(x.itertext()) for x in tree.iter("cell")))


def by_justext(data: bytes) -> Reading:
    import justext  # type: ignore[import-untyped]

    paragraphs = justext.justext(data, justext.get_stoplist("English"))
    kept = [paragraph for paragraph in paragraphs if not paragraph.is_boilerplate]
    return Reading(" ".join(p.text for p in kept), [p.text for p in kept if p.is_heading])


def by_readability(data: bytes) -> Reading:
    from lxml import html
    from trafilatura.readability_lxml import Document

    summary = html.fromstring(Document(html.document_fromstring(data)).summary())
    headings = ["".join(heading.itertext()) for heading in summary.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    return Reading(text_of(summary), headings, " ".join(text_of(cell) for cell in summary.iter("td", "th")))


READERS: dict[str, Reader] = {
    "ours": ours,
    "trafilatura": by_trafilatura,
    "jusText": by_justext,
    "readability": by_readability,
}

if __name__ == "__main__":
    main()
