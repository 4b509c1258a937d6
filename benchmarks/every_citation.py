"""Does every citation lead somewhere? `python -m benchmarks.every_citation [--articles 500] [--words 900]`.

A writer that invents (trust.md G1, G2): of its sentences a tenth cite a passage that does not exist, a tenth another
than their own, a tenth claim what their passage does not say, a tenth cite nothing, and a tenth carry an address that
no source has, as plain text, as a Markdown link or as HTML. Read is what readers get: the article, its Markdown and its
page.

    citations    how many there are, and how many lead to no passage of a source (goal 0)
    addresses    of invented places in the text, and as a link anywhere in the page (goal 0); the page's list of what
                 was removed shows them as plain text
    coverage     of articles that are not refused: sentences with a figure that cite something, the lowest share of one
                 article (goal 95 %) and the mean
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections import Counter
from pathlib import Path

from aiwriter import embeddings
from aiwriter.documents import Article, ArticleStatus, Brief, Evidence, Sources
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline import evidence
from aiwriter.publishing import html, markdown
from aiwriter.sources import create_finder
from aiwriter.testing.citation_faults import INVENTED_HOST, InventingWriter, examine
from benchmarks.citation_faults import EXAMPLES, TOPICS


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--words", type=int, default=900)
    parser.add_argument("--documents", type=Path, default=EXAMPLES)
    asyncio.run(measure(parser.parse_args()))


async def measure(options: argparse.Namespace) -> None:
    """Print the counts, and how far it is."""
    finder, embedder = create_finder(), embeddings.create("minilm")
    sources = Sources(items=tuple([await finder.read(place) for place in finder.expand(str(options.documents))]))
    counts, shares = Counter[str](), list[float]()
    chosen = dict[str, tuple[Brief, Evidence]]()
    for seed in range(options.articles):
        topic = TOPICS[seed % len(TOPICS)]
        if topic not in chosen:
            brief = Brief(topic=topic, sources=(str(options.documents),), words=options.words)
            chosen[topic] = brief, await evidence.select(brief, sources, chunk, embedder)
        article = (await examine(*chosen[topic], seed, writer=InventingWriter(seed))).article
        counts.update(counted(article))
        if article.status is not ArticleStatus.REFUSED:
            shares.append(coverage(article))
        print(f"\r{seed + 1} of {options.articles}", end="", flush=True)
    print(f"\n{', '.join(f'{count} {name}' for name, count in sorted(counts.items()))}")
    if shares:
        print(f"coverage of articles not refused: lowest {min(shares):.1%}, mean {sum(shares) / len(shares):.1%}")


def counted(article: Article) -> Counter[str]:
    """What of one article is counted."""
    passages = {passage.id: passage.source_hash for passage in article.passages}
    sources = {source.content_hash for source in article.sources}
    cited = [key for sentence in article.sentences for key in sentence.citations]
    read = article.model_dump_json(include={"title", "description", "sections"}) + markdown.render(article)
    links = re.findall(rf'(?:href|src|action)="[^"]*{INVENTED_HOST}', html.render(article))
    return Counter(
        {
            f"articles {article.status}": 1,
            "citations": len(cited),
            "citations that lead nowhere": sum(passages.get(key) not in sources for key in cited),
            "invented addresses": read.count(INVENTED_HOST) + len(links),
        }
    )


def coverage(article: Article) -> float:
    """The share of the sentences with a figure that cite something: a plainer rule than that of the check itself."""
    stated = [sentence for sentence in article.sentences if any(sign.isdigit() for sign in sentence.text)]
    return sum(bool(sentence.citations) for sentence in stated) / len(stated) if stated else 1.0


if __name__ == "__main__":
    main()
