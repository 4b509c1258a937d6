"""Word documents made by hand, for tests of reading them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx_of(body: str, before: str = "", others: Mapping[str, bytes | str] | None = None) -> bytes:
    """A Word document with this XML in its body; `before` stands before the root, `others` are further parts."""
    document = f'<?xml version="1.0"?>{before}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    packed = io.BytesIO()
    parts = {"[Content_Types].xml": _CONTENT_TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": document}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | dict(others or {})).items():
            archive.writestr(name, content)
    return packed.getvalue()


def paragraph(text: str, style: str = "", looks: str = "") -> str:
    """A paragraph of a Word document in one of STYLES, its run with these properties (XML)."""
    about = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{about}<w:r>{f'<w:rPr>{looks}</w:rPr>' if looks else ''}<w:t>{text}</w:t></w:r></w:p>"


def with_parts(styles: Mapping[str, str], footnotes: Mapping[str, str] | None = None) -> dict[str, bytes | str]:
    """The further parts of a document with styles (id → name) and footnotes (id → text)."""
    named = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in styles.items()
    )
    notes = "".join(
        f'<w:footnote w:id="{key}">{paragraph(text)}</w:footnote>' for key, text in (footnotes or {}).items()
    )
    parts = {"styles": f'<w:styles xmlns:w="{_W}">{named}</w:styles>'}
    parts["footnotes"] = f'<w:footnotes xmlns:w="{_W}">{notes}</w:footnotes>'
    declared = "".join(
        f'<Override PartName="/word/{name}.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{name}+xml"/>'
        for name in parts
    )
    related = "".join(
        f'<Relationship Id="{name}" Target="{name}.xml" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{name}"/>'
        for name in parts
    )
    head, end = _RELATIONS.index("<Relationship "), "</Relationships>"
    return {
        **{f"word/{name}.xml": content for name, content in parts.items()},
        "[Content_Types].xml": _CONTENT_TYPES.replace("</Types>", f"{declared}</Types>"),
        "word/_rels/document.xml.rels": f"{_RELATIONS[:head]}{related}{end}",
    }


HEADINGS = with_parts({"Heading1": "heading 1", "Heading2": "heading 2", "ListBullet": "List Bullet"})
"""The further parts of a document with headings and lists."""
