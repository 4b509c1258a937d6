"""From bytes to text: what kind of file it really is, and in which encoding it was written."""

from __future__ import annotations

import codecs
import re

from aiwriter.errors import UnreadableSource

_MAGIC = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF-": "a PDF document with a wrong name",
    b"PK\x03\x04": "a ZIP archive (or an office document)",
    b"\x1f\x8b": "a gzip archive",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"SQLite format 3": "a database",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}  # what browsers take labels for, by Python's names: https://encoding.spec.whatwg.org/#names-and-labels
_LETTERS = "äöüßÄÖÜéèêëÉÈÊËàâÀÂçÇîïÎÏôûùÔœŒæøåÆØÅñÑáíóúÁÍÓÚãÃìòÌÒ"
_SIGNS = "“”‘’„‚–—…•€£§°«»·©®™²³¹½¼¾´×±µ¡¿ªº\xa0"
_NOT_WESTERN = re.compile(
    f"[^\x00-\x7f{_LETTERS}{_SIGNS}]|(?<=[a-z{_LETTERS}])[„‚¡¿]|(?<=[a-z]{{3}})[²³¹]"
    f"|(?<=[a-z{_LETTERS}])[“”‘«»°²³¹½¼¾×±€£§™©®µªº](?=[a-z{_LETTERS}])"
)
_MOST_ACCENTED = 0.3  # of the letters: beyond, it is another script read as this one
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROL_SHARE = 0.01
_SAMPLE = 200_000  # characters or bytes looked at when guessing


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file. Order of belief: byte order mark, what was declared (as browsers take it), UTF-8, Windows'
    encoding of Western Europe where that gives nothing odd, a guess from the bytes.

    Raises UnreadableSource for an empty or a binary file.
    """
    if not data.strip():
        raise UnreadableSource("the file is empty", hint="give a document that holds text")
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableSource(
                f"this is {name}, not text", hint="give Markdown, HTML, PDF, DOCX, CSV or plain text"
            )
    text = (
        _by_mark(data)
        or _strictly(data, _meant(declared))
        or _strictly(data, declared)
        or _as_utf8(data)
        or _as_western(data)
        or _guessed(data)
    )
    if text is None or len(_CONTROLS.findall(text[:_SAMPLE])) > _MAX_CONTROL_SHARE * min(len(text), _SAMPLE):
        raise UnreadableSource(
            "this is binary data, not text", hint="give Markdown, HTML, PDF, DOCX, CSV or plain text"
        )
    return text


def _by_mark(data: bytes) -> str | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    return None


def _strictly(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except (UnicodeDecodeError, LookupError):
        return None


def _meant(label: str | None) -> str | None:
    """The encoding that a label stands for: "iso-8859-1" for one that has quotation marks and the euro, too."""
    try:
        name = codecs.lookup(label).name if label else ""
    except LookupError:
        return None
    return _MEANT.get(name, name) or None


def _as_utf8(data: bytes) -> str | None:
    return None if b"\0" in data[:_SAMPLE] else _strictly(data, "utf-8")  # UTF-16 without a mark is valid UTF-8, too


def _as_western(data: bytes) -> str | None:
    """By Windows' encoding of Western Europe, if it is nothing else then: of short texts a guess takes its accents for
    those of any other."""
    text = None if b"\0" in data[:_SAMPLE] else _strictly(data, "cp1252")
    if text is None or _NOT_WESTERN.search(text[:_SAMPLE]):
        return None
    letters = [character for character in text[:_SAMPLE] if character.isalpha()]
    accented = sum(1 for character in letters if character > "\x7f")
    return text if accented <= _MOST_ACCENTED * len(letters) else None


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    return data.decode(best.encoding, errors="replace") if best else None
