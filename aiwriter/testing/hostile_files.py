"""Files made to exhaust or break whoever reads them; each is made when it is asked for, the largest has 50 MB."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

from aiwriter.testing.docx import docx_of, paragraph

Maker = Callable[[], bytes]

# ── bodies of answers ────────────────────────────────────────────────────────────────────────────────────────────────


def _deflated_zeros(millions: int) -> bytes:
    """Raw deflate data: a million zeros, packed once and repeated. To pack all of them takes seconds."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    piece = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * millions + zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()


def _zlib_zeros(millions: int) -> bytes:
    """The same in zlib's format (RFC 1950): of n zeros the two sums of Adler-32 are 1 and n."""
    checksum = millions * 1_000_000 % 65521 << 16 | 1
    return b"\x78\xda" + _deflated_zeros(millions) + struct.pack(">I", checksum)


def _gzip_zeros(millions: int) -> bytes:
    """The same in gzip's (RFC 1952)."""
    zeros = bytes(1_000_000 * millions)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + _deflated_zeros(millions) + struct.pack("<II", zlib.crc32(zeros), len(zeros))


HTTP_BOMBS: Mapping[str, tuple[str, Maker]] = {
    "gzip": ("gzip", lambda: _gzip_zeros(200)),
    "gzip of many members": ("gzip", lambda: gzip.compress(bytes(1_000_000)) * 200),
    "gzip in gzip": ("gzip", lambda: gzip.compress(_gzip_zeros(200))),
    "deflate": ("deflate", lambda: _zlib_zeros(200)),
    "gzip of nonsense": ("gzip", lambda: b"\x1f\x8b\x08\x00" + bytes(range(256)) * 8),
    "brotli, which was not asked for": ("br", lambda: b"\x0b\x02\x80"),
    "zstandard, which was not asked for": ("zstd", lambda: b"\x28\xb5\x2f\xfd" + bytes(64)),
    "two codings": ("gzip, gzip", lambda: gzip.compress(gzip.compress(bytes(1_000_000)))),
}
"""By name: the coding the server says, and the body."""


# ── Word documents ───────────────────────────────────────────────────────────────────────────────────────────────────


def _laughs(levels: int = 9) -> str:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels + 1))
    return f"<!DOCTYPE x [{entities}]>"


def _declared_size(size: int) -> bytes:
    """A document whose directory says of its text that it is so large."""
    data = bytearray(docx_of(paragraph("The mill")))
    at = data.find(b"PK\x01\x02", data.find(b"word/document.xml") + 1)
    while data[at + 46 : at + 63] != b"word/document.xml":
        at = data.find(b"PK\x01\x02", at + 1)
    data[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(data)


def _overlapping() -> bytes:
    """Twenty names for the bytes of one part (after David Fifield, "A better zip bomb", 2019)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(1_000_000))
        for number in range(20):
            info = zipfile.ZipInfo(f"word/part{number}.xml")
            first = archive.infolist()[0]
            info.header_offset, info.file_size, info.compress_size = 0, first.file_size, first.compress_size
            info.CRC, info.compress_type = first.CRC, first.compress_type
            archive.filelist.append(info)
    return packed.getvalue()


def _nested(levels: int) -> bytes:
    inner = bytes(5_000_000)
    for _ in range(levels):
        inner = docx_of(paragraph("x"), others={"word/embeddings/inner.docx": inner})
    return inner


def _linked() -> bytes:
    packed = io.BytesIO(docx_of(paragraph("The mill")))
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("word/media/passwords")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return packed.getvalue()


_OUTSIDE = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
_REMOTE = "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/evil.dtd'>"
_PARAMETER = "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/evil.dtd'> %p;]>"

DOCX_BOMBS: Mapping[str, Maker] = {
    "billion laughs": lambda: docx_of(paragraph("&a9;"), _laughs()),
    "quadratic blow-up": lambda: docx_of(paragraph("&a;" * 50_000), f'<!DOCTYPE x [<!ENTITY a "{"A" * 50_000}">]>'),
    "external entity": lambda: docx_of(paragraph("&e;"), _OUTSIDE),
    "external subset": lambda: docx_of(paragraph("x"), _REMOTE),
    "parameter entity": lambda: docx_of(paragraph("x"), _PARAMETER),
    "entities in another part": lambda: docx_of(paragraph("x"), others={"word/styles.xml": f"{_laughs()}<x>&a9;</x>"}),
    "entities in UTF-16": lambda: docx_of(
        paragraph("x"), others={"word/styles.xml": f"{_laughs()}<x>&a9;</x>".encode("utf-16")}
    ),
    "packed 1000 to 1": lambda: docx_of(paragraph("A" * 30_000_000)),
    "a picture of 300 MB": lambda: docx_of(paragraph("x"), others={"word/media/a.png": bytes(300_000_000)}),
    "text over the limit": lambda: docx_of("".join(paragraph(f"mill {n:x}") for n in range(1_000_000))),
    "overlapping": _overlapping,
    "name that leads out": lambda: docx_of(paragraph("x"), others={"../../../tmp/evil": "x"}),
    "absolute name": lambda: docx_of(paragraph("x"), others={"/etc/evil": "x"}),
    "name with a drive": lambda: docx_of(paragraph("x"), others={"C:\\evil.exe": "x"}),
    "link": _linked,
    "declared too large": lambda: _declared_size(4_000_000_000),
    "declared too small": lambda: _declared_size(10),
    "ten thousand parts": lambda: docx_of(paragraph("x"), others={f"word/a{n}.xml": "<x/>" for n in range(10_000)}),
    "deep XML": lambda: docx_of("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000),
    "no document": lambda: docx_of("")[:200],
    "cut off": lambda: docx_of(paragraph("The mill") * 1000)[:-300],
}
"""Word documents that are to be refused."""


# ── PDF documents ────────────────────────────────────────────────────────────────────────────────────────────────────


def _pdf(objects: Mapping[int, bytes]) -> bytes:
    data, offsets = b"%PDF-1.7\n", {}
    for number, content in objects.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % offsets.get(n, 0) for n in range(1, max(objects) + 1))
    start = len(data)
    size = max(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    return data + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def _one_page(page: bytes, contents: bytes, **more: bytes) -> bytes:
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        3: b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s >>" % page,
        4: contents,
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    return _pdf(objects | {int(name[1:]): content for name, content in more.items()})


def _stacked(millions: int, times: int) -> bytes:
    data = _zlib_zeros(millions)
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    filters = b"/FlateDecode " * times
    return b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream" % (len(data), filters, data)


_BOX = b"/MediaBox [0 0 595 842] /Resources << /Font << /F0 5 0 R >> >>"


def _recursive_form() -> bytes:
    form = b"/F Do " * 20
    stream = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 6 0 R >> >> /Length %d >>"
    page = b"/MediaBox [0 0 595 842] /Resources << /XObject << /F 6 0 R >> >>"
    contents = b"<< /Length 5 >>\nstream\n/F Do\nendstream"
    return _one_page(page, contents, o6=stream % len(form) + b"\nstream\n" + form + b"\nendstream")


def _doubling_forms(levels: int) -> bytes:
    """Each form draws the next one ten times."""
    objects = {}
    for number in range(6, 6 + levels):
        inner = b"/F Do " * 10 if number < 5 + levels else b"BT /F0 9 Tf (x) Tj ET"
        resources = b"<< /XObject << /F %d 0 R >> /Font << /F0 5 0 R >> >>" % (number + 1)
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources %s /Length %d >>" % (resources, len(inner))
        objects[f"o{number}"] = head + b"\nstream\n" + inner + b"\nendstream"
    page = b"/MediaBox [0 0 595 842] /Resources << /XObject << /F 6 0 R >> >>"
    return _one_page(page, b"<< /Length 5 >>\nstream\n/F Do\nendstream", **objects)


PDF_BOMBS: Mapping[str, Maker] = {
    "stacked filters": lambda: _one_page(_BOX, _stacked(400, 3)),
    "one long stream": lambda: _one_page(_BOX, _stacked(900, 1)),
    "form that draws itself": _recursive_form,
    "forms that draw ten": lambda: _doubling_forms(9),
    "pages in a circle": lambda: _pdf(
        {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 1000000 /Kids [2 0 R 2 0 R] >>"}
    ),
    "a million pages": lambda: _pdf(
        {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 1000000 /Kids [3 0 R] >>"}
    ),
    "deep array": lambda: _pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"[" * 1_000_000 + b"]" * 1_000_000}),
    "nothing but a head": lambda: b"%PDF-1.7\n" + bytes(1_000_000),
}
"""PDF documents that are to be refused."""


# ── pages, tables and texts ──────────────────────────────────────────────────────────────────────────────────────────


def _html(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


_SENTENCE = "<p>The mill was built in 1783 by Amos Reed and burned down a hundred years later.</p>"

HTML_BOMBS: Mapping[str, Maker] = {
    "a hundred thousand deep": lambda: _html("<div>" * 100_000 + _SENTENCE),
    "a million elements": lambda: _html("<b>x</b>" * 1_000_000),
    "two hundred thousand attributes": lambda: _html(f"<p {' '.join(f'a{n}=1' for n in range(200_000))}>x"),
    "huge table": lambda: _html("<table>" + "<tr><td>1<td>2</tr>" * 300_000 + "</table>"),
    "50 MB of elements": lambda: _html("<i></i>" * 7_000_000),
    "nothing but spaces": lambda: _html("<p>" + " " * 20_000_000 + "</p>"),
    "NULs": lambda: b"<html>" + bytes(5_000_000),
}
"""Pages that are to be refused."""

TEXT_BOMBS: Mapping[str, tuple[str, Maker]] = {
    "enormous line": ("csv", lambda: b"a," * 20_000_000),
    "enormous value": ("csv", lambda: b'a,b\n1,"' + b"x\n" * 10_000_000),
    "NULs in a table": ("csv", lambda: b"a,b\n" + bytes(1_000_000)),
    "NULs in a text": ("txt", lambda: b"The mill" + bytes(1_000_000)),
    "invalid UTF-16": ("txt", lambda: b"\xff\xfe" + b"\x00\xd8" * 500_000),
    "50 MB of one word": ("txt", lambda: b"x" * 49_000_000),
    "random bytes": ("txt", lambda: bytes(range(256)) * 10_000),
}
"""Suffix and content of what is to be refused."""

HARMLESS: Mapping[str, tuple[str, Maker]] = {
    "invalid UTF-8": ("html", lambda: _html(_SENTENCE).replace(b"mill", b"mi\xff\xfell")),
    "deep linked data": (
        "html",
        lambda: _html(_SENTENCE, f"<script type='application/ld+json'>{'[' * 100_000}{']' * 100_000}</script>"),
    ),
    "wide linked data": (
        "html",
        lambda: _html(_SENTENCE, f"<script type='application/ld+json'>{json.dumps([{'a': 1}] * 200_000)}</script>"),
    ),
    "huge picture size": ("html", lambda: _html(f"{_SENTENCE}<img src='a.png' width='999999999' height='99999999'>")),
    "long attribute": ("html", lambda: _html(f"{_SENTENCE}<p title='{'x' * 9_000_000}'>x</p>")),
    "unclosed comment": ("html", lambda: _html(f"{_SENTENCE}<!-- {'-' * 1_000_000}")),
    "many entities": ("html", lambda: _html(f"{_SENTENCE}<p>{'&amp;' * 200_000}</p>")),
    "entities of its own": ("html", lambda: _laughs().encode() + _html(f"{_SENTENCE}<p>&a9;</p>")),
    "many style rules": ("html", lambda: _html(_SENTENCE, f"<style>{'.a .b .c{color:red}' * 50_000}</style>")),
    "unclosed style rules": ("html", lambda: _html(_SENTENCE, f"<style>{'a{' * 100_000}</style>")),
    "selector of many parts": (
        "html",
        lambda: _html(
            "<div class='a'>" * 100 + _SENTENCE + "</div>" * 100, f"<style>{'.a ' * 2_000}p{{display:none}}</style>"
        ),
    ),
    "Word within Word within Word": ("docx", lambda: _nested(6)),
    "Word with a long list": ("docx", lambda: docx_of(paragraph("The mill") * 5_000)),
    "huge page": (
        "pdf",
        lambda: _one_page(
            b"/MediaBox [0 0 1e9 1e9] /Resources << /Font << /F0 5 0 R >> >>",
            b"<< /Length 43 >>\nstream\nBT /F0 11 Tf 72 640 Td (The mill) Tj ET    \nendstream",
        ),
    ),
    "huge image": (
        "pdf",
        lambda: _one_page(
            b"/MediaBox [0 0 595 842] /Resources << /Font << /F0 5 0 R >> /XObject << /I 6 0 R >> >>",
            b"<< /Length 49 >>\nstream\nBT /F0 11 Tf 72 640 Td (The mill) Tj ET /I Do    \nendstream",
            o6=b"<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8"
            b" /ColorSpace /DeviceRGB /Filter /FlateDecode /Length 20 >>\nstream\n"
            + zlib.compress(bytes(9))[:20]
            + b"\nendstream",
        ),
    ),
    "a million short rows": ("csv", lambda: b"name,size\n" + b"mill,9\n" * 1_000_000),
    "a thousand columns": ("csv", lambda: (",".join(f"c{n}" for n in range(5_000)) + "\n").encode() * 20),
    "spaces in a text": ("txt", lambda: b"The mill" + b" " * 5_000_000 + b"burned down."),
}
"""Suffix and content of what looks bad and can be read, in part or in full."""
