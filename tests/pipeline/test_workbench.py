"""What a section is judged by is read while it is written: afterwards only its own sentences are new."""

from __future__ import annotations

from collections.abc import Sequence

from aiwriter.documents import ArticleKind, Draft
from aiwriter.pipeline import formats
from aiwriter.pipeline.quality import meaning
from aiwriter.pipeline.workbench import Bench, read_ahead
from aiwriter.ports import WordVectors
from aiwriter.testing import sample_brief, sample_evidence, sound_article
from aiwriter.testing.strange_words import StrangeWords


class Recorded(StrangeWords):
    """Knows every text that it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed_words(self, texts: Sequence[str]) -> list[WordVectors]:
        self.asked += texts
        return await super().embed_words(texts)


async def test_after_reading_ahead_only_the_section_s_own_sentences_are_new_to_the_embedder() -> None:
    evidence, reader = sample_evidence(), Recorded()
    (section, *_) = sound_article().sections
    cited = dict.fromkeys(key for sentence in section.own for key in sentence.citations)
    await read_ahead(Bench(sample_brief(), evidence, formats.load("blog_post")), cited, reader)
    ahead = set(reader.asked)
    draft = Draft(kind=ArticleKind.ARTICLE, title="", sections=(section,))
    await meaning.heard(draft, evidence, sample_brief(), reader)
    assert ahead
    assert set(reader.asked) - ahead <= {sentence.text for sentence in section.own}
    assert set(reader.asked) - ahead


def test_what_checks_ask_of_the_sentences_is_worked_out_ahead() -> None:
    evidence = sample_evidence()
    bench = Bench(sample_brief(), evidence, formats.load("blog_post"))
    sentences = bench.taken_apart([evidence.items[0].passage.id])
    assert sentences
    assert all(
        {"figures", "stem_set", "bare_stems"} & vars(one).keys() and "is_factual" in vars(one) for one in sentences
    )


async def test_a_passage_that_is_not_in_the_evidence_is_nothing_to_read() -> None:
    reader = Recorded()
    await read_ahead(Bench(sample_brief(), sample_evidence(), formats.load("blog_post")), ["p-unknown"], reader)
    assert reader.asked == []
