"""A study of the sample sources, made by hand, and one in which every text is one that tries to be more than text."""

from __future__ import annotations

from aiwriter.documents import (
    Brief,
    Coverage,
    Disagreement,
    Evidence,
    KeptStudy,
    Keyword,
    RunStatus,
    SearchRecord,
    SourceProblem,
    Study,
)
from aiwriter.storage.records import study_figures
from aiwriter.testing.samples import sample_brief, sample_evidence, sample_id, sample_sources

_WORDS = (("electric ferry", 9, 2, 41.5), ("shore battery", 5, 2, 22.25), ("car deck", 3, 1, 8.0))


def sample_study() -> KeptStudy:
    """Done, with a question answered, one partly, one not, and a disagreement."""
    evidence = sample_evidence()
    one, other = evidence.items[0].passage, evidence.items[-1].passage
    rows = (
        Coverage(question="What did the ferries save?", passages=(one.id, other.id), confidence=0.81),
        Coverage(question="How are they charged in winter?", passages=(other.id,), confidence=0.5),
        Coverage(question="Who paid for the harbour?", passages=(), confidence=0.12),
    )
    first, last = (passage.text.partition(". ")[0] for passage in (one, other))
    against = Disagreement(
        one=one.id,
        one_sentence=first,
        one_says=first.split()[-1],
        other=other.id,
        other_sentence=last,
        other_says=last.split()[-1],
    )
    found = Study(
        topic=sample_brief().topic,
        keywords=tuple(Keyword(phrase=p, times=n, sources=s, weight=w) for p, n, s, w in _WORDS),
        questions=("How are they charged in winter?", "Is it really quieter?"),
        evidence=evidence.model_copy(update={"coverage": rows, "disagreements": (against,)}),
        problems=(SourceProblem(location="https://ferries.example/gone", reason="the server answered 404"),),
        searches=(
            SearchRecord(engine="custom", query="What did the ferries save?", hits=3, used=2),
            SearchRecord(engine="wikipedia", query="What did the ferries save?", error="wikipedia: no connection"),
        ),
    )
    return _kept(sample_brief(), found)


def hostile_study(text: str) -> KeptStudy:
    """The same in which every free text of sources and users is `text`."""
    good = sample_study()
    assert good.study is not None
    evidence, (against,) = good.study.evidence, good.study.evidence.disagreements
    said = {"one_sentence": text, "one_says": text[:4], "other_sentence": text, "other_says": text}
    found = good.study.model_copy(
        update={
            "topic": f"Ferries {text}",
            "keywords": (Keyword(phrase=text, times=3, sources=2, weight=2.5),),
            "questions": (text, f"And {text}"),
            "evidence": _hostile(evidence, text).model_copy(
                update={"disagreements": (against.model_copy(update=said),), "notes": (text,)}
            ),
            "problems": (SourceProblem(location=text, reason=text),),
            "searches": (SearchRecord(engine="one", query=text, error=text),),
        }
    )
    return _kept(good.brief.model_copy(update={"topic": f"Ferries {text}"}), found)


def _hostile(evidence: Evidence, text: str) -> Evidence:
    place = dict.fromkeys(("title", "location", "author"), text)
    items = tuple(
        item.model_copy(update={"passage": item.passage.model_copy(update={"text": text, "headings": (text, "x")})})
        for item in evidence.items
    )
    rows = tuple(
        row.model_copy(update={"question": f"{text} {number}"}) for number, row in enumerate(evidence.coverage)
    )
    sources = tuple(source.model_copy(update=place) for source in evidence.sources)
    return evidence.model_copy(update={"items": items, "sources": sources, "coverage": rows})


def _kept(brief: Brief, found: Study) -> KeptStudy:
    at = sample_sources().items[0].retrieved_at
    times = {"created_at": at, "told_at": at, "finished_at": at}
    return KeptStudy(
        id=sample_id(f"study {found.topic}"),
        topic=found.topic,
        status=RunStatus.DONE,
        requested_by="local",
        brief=brief,
        study=found,
        **times,
        **study_figures(found),
    )
