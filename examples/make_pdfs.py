"""Typeset pdf_text/*.txt as sources/*.pdf, byte for byte the same on every run.

Only needed after a change to pdf_text. What it needs is no part of the project's lock:

    python -m venv /tmp/pdfs && /tmp/pdfs/bin/pip install reportlab==5.1.0 pyphen==0.17.2
    /tmp/pdfs/bin/python examples/make_pdfs.py

A text opens with "key: value" lines. After them, blank lines part the blocks:
"# " and "## " are headings, lines that begin with "|" are table rows, the rest are paragraphs.
"""

from functools import partial
from pathlib import Path

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Table

HERE = Path(__file__).parent
MARGIN = 15 * mm
GAP = 6 * mm

TEXT = ParagraphStyle("text", fontName="Times-Roman", fontSize=9.5, leading=12.5, spaceAfter=5)
BODY = ParagraphStyle("body", TEXT, alignment=TA_JUSTIFY, hyphenationLang="en_GB")
HEADING = ParagraphStyle("heading", TEXT, fontName="Times-Bold", fontSize=11, keepWithNext=1)
TITLE = ParagraphStyle("title", HEADING, fontSize=15, leading=18)
CELL = ParagraphStyle("cell", TEXT, fontSize=8.5, leading=10, spaceAfter=0)
GRID = [("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey), ("LEFTPADDING", (0, 0), (-1, -1), 2)]


def flowables(block: str) -> list[Flowable]:
    match block.split(" ", 1):
        case ["#", heading]:
            return [Paragraph(heading, TITLE)]
        case ["##", heading]:
            return [Paragraph(heading, HEADING)]
        case ["|", _]:
            rows = [row.strip("| ").split(" | ") for row in block.splitlines()]
            cells = [[Paragraph(cell, CELL) for cell in row] for row in rows]
            return [Table(cells, style=GRID, spaceBefore=3, spaceAfter=8)]
        case _:
            return [Paragraph(block, BODY)]


def running_lines(header: str, canvas: Canvas, page: BaseDocTemplate) -> None:
    width, height = A5
    canvas.setFont("Times-Italic", 8)
    canvas.drawCentredString(width / 2, height - 10 * mm, header)
    canvas.drawCentredString(width / 2, 8 * mm, f"Page {page.page}")


def typeset(text: str, target: Path) -> None:
    head, *blocks = text.strip().split("\n\n")
    meta = dict(line.split(": ", 1) for line in head.splitlines())
    columns = int(meta["columns"])
    width, height = A5
    column = (width - 2 * MARGIN - (columns - 1) * GAP) / columns
    frames = [
        Frame(MARGIN + n * (column + GAP), MARGIN, column, height - 2 * MARGIN, 0, 0, 0, 0) for n in range(columns)
    ]
    page = PageTemplate(frames=frames, onPage=partial(running_lines, meta["header"]))
    document = BaseDocTemplate(
        str(target),
        pagesize=A5,
        pageTemplates=[page],
        title=meta["title"],
        author=meta["author"],
        subject=meta["date"],
        lang="en",
    )
    document.build([flowable for block in blocks for flowable in flowables(block)])


if __name__ == "__main__":
    rl_config.invariant = 1
    for source in sorted(HERE.glob("pdf_text/*.txt")):
        typeset(source.read_text(encoding="utf-8"), HERE / "sources" / f"{source.stem}.pdf")
