"""Which characters of a PDF page a reader sees."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from aiwriter.sources.colours import Colour, contrast
from aiwriter.sources.extracted import hidden_text

if TYPE_CHECKING:
    import pypdfium2

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

_WHITE: Colour = (255, 255, 255, 1.0)
_MIN_CONTRAST = 1.2
_MIN_SIZE = 1.0  # points
_INVISIBLE_MODES = (3, 7)  # PDF 32000-1, table 106: neither filled nor stroked
_OPAQUE = 25  # of 255
_PAPER_SHARE = 0.5  # of the page: what a picture covers that can be a scan
_MAX_OBJECTS = 5_000  # of a page that are looked at for what lies behind white text


@dataclass
class Seen:
    """What was left out of a document, and what is an unseen layer over its pictures."""

    hidden: int = 0
    over_pictures: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        layer = ("text taken from an invisible layer over pictures",) if self.over_pictures else ()
        return (*hidden_text(self.hidden), *layer)


class _Drawn(Enum):
    SHOWN, PALE, UNSEEN = range(3)  # PALE: seen only on something dark


_SHOWN = _Drawn.SHOWN  # a member of an enumeration is slow to look up


@dataclass
class Sight:
    """One page: judges its characters, each text object once.

    Left out is what is drawn in invisible mode, transparent, nearly white on nothing, smaller than a point, or off the
    page. Invisible text over a picture as large as the page is kept: so do scanners lay recognised words over a scan.
    """

    page: pypdfium2.PdfPage
    seen: Seen
    _judged: dict[int, _Drawn] = field(default_factory=dict)
    _bounds: Box = field(init=False)
    _text_object: Any = field(init=False)

    def __post_init__(self) -> None:
        from pypdfium2 import raw

        self._bounds = self.page.get_bbox()
        self._text_object = raw.FPDFText_GetTextObject

    def shows(self, text: pypdfium2.PdfTextPage, index: int, box: Box) -> bool:
        """Whether the character at `index`, whose box this is, can be seen. Asked for each: what costs is kept."""
        drawn = self._text_object(text, index)
        key = ctypes.addressof(drawn.contents) if drawn else 0
        how = self._judged.get(key)
        if how is None:
            how = self._judged[key] = self._how(text, index, drawn)
        if how is _SHOWN and _meet(box, self._bounds):
            return True
        is_shown = how is _Drawn.PALE and _meet(box, self._bounds) and any(_meet(box, b) for b in self._backgrounds)
        self.seen.hidden += not is_shown
        return is_shown

    def _how(self, text: pypdfium2.PdfTextPage, index: int, drawn: Any) -> _Drawn:
        from pypdfium2 import raw

        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, index, matrix)
        if raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d) < _MIN_SIZE:
            return _Drawn.UNSEEN
        if drawn and raw.FPDFTextObj_GetTextRenderMode(drawn) in _INVISIBLE_MODES:
            self.seen.over_pictures = self.seen.over_pictures or self._is_scan
            return _Drawn.SHOWN if self._is_scan else _Drawn.UNSEEN
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not raw.FPDFText_GetFillColor(text, index, red, green, blue, alpha):
            return _Drawn.SHOWN
        if alpha.value < _OPAQUE:
            return _Drawn.UNSEEN
        is_pale = contrast((red.value, green.value, blue.value, 1.0), _WHITE) < _MIN_CONTRAST
        return _Drawn.PALE if is_pale else _Drawn.SHOWN

    @cached_property
    def _is_scan(self) -> bool:
        from pypdfium2 import raw

        pictures = (box for sort, box, _ in self._objects if sort == raw.FPDF_PAGEOBJ_IMAGE)
        return any(_area(box) >= _PAPER_SHARE * _area(self._bounds) for box in pictures)

    @cached_property
    def _backgrounds(self) -> list[Box]:
        """Where pale text would be seen: on pictures, gradients, and what is filled with a darker colour."""
        return [box for _, box, is_dark in self._objects if is_dark]

    @cached_property
    def _objects(self) -> list[tuple[int, Box, bool]]:
        """Sort, box and darkness of what is drawn on the page and is no text."""
        from pypdfium2 import raw

        found = []
        for drawn in islice(self.page.get_objects(max_depth=3), _MAX_OBJECTS):
            if drawn.type not in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_PATH):
                continue
            is_dark = drawn.type != raw.FPDF_PAGEOBJ_PATH or _is_filled_darkly(drawn)
            found.append((drawn.type, drawn.get_bounds(), is_dark))
        return found


def _is_filled_darkly(path: Any) -> bool:
    from pypdfium2 import raw

    mode, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, mode, stroke)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not mode.value or not raw.FPDFPageObj_GetFillColor(path, red, green, blue, alpha) or alpha.value < _OPAQUE:
        return False
    return contrast((red.value, green.value, blue.value, 1.0), _WHITE) >= _MIN_CONTRAST


def _meet(box: Box, other: Box) -> bool:
    """Whether the middle of a box lies in the other."""
    across, up = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= across <= other[2] and other[1] <= up <= other[3]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
