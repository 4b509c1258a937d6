"""Approve and Publish on the article's page, with the reasons when it may not be; the gate on the page of figures."""

from datetime import UTC, datetime

from aiwriter.documents import ArticleKind, FailingRow, GateBatch, GateReport
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.services import stored_gate
from aiwriter.testing import HOSTILE, sample_article, sound_article


def test_a_sound_article_is_published_and_withdrawn(served, visit):
    article = served.store(sound_article())
    page = visit("article", id=article.id, tab="Publish")
    assert "It may be published" in page.text
    page.click("publish")
    assert "Readers find it there" in page.text
    assert "Published" in page.text
    assert list((served.settings.home_folder / "published" / "site").glob("*/index.html"))
    (withdraw,) = [button.key for button in page.app.button if (button.key or "").startswith("withdraw-")]
    page.click(withdraw)
    page.app.button(key=withdraw).click()  # a dialog is a fragment; here each run is a whole one
    page.app.text_input(key="withdraw-why").set_value(HOSTILE[0])
    page.click("withdraw-yes")
    assert HOSTILE[0] in page.text
    assert "Withdrawn" in page.text


def test_a_digest_is_approved_before_it_can_be_published(served, visit):
    article = served.store(sample_article(ArticleKind.DIGEST))
    assert f"article?id={article.id}&tab=Publish" in visit("article", id=article.id).links
    page = visit("article", id=article.id, tab="Publish")
    assert "No person has approved this version" in page.text
    assert "publish" not in {button.key for button in page.app.button}
    page.click("approve")
    assert "Approved by" in page.text
    assert "publish" in {button.key for button in page.app.button}
    read = visit("article", id=article.id).text
    assert ("Approved for publication by" in read, "Needs approval" in read) == (True, False)


def test_what_cannot_be_approved_has_its_reasons_and_no_button(served, visit):
    short = sound_article(brief=sound_article().brief.model_copy(update={"words": 3000}))
    page = visit("article", id=served.store(short).id, tab="Publish")
    assert "of the 3000 words asked for" in page.text
    assert not {"approve", "publish"} & {button.key for button in page.app.button}


def test_the_figures_tell_what_the_gate_blocks_and_carry_its_pages(served, visit):
    assert "The gate has not looked" in visit("analytics").text.replace("the gate", "The gate")
    article = served.store(sound_article())
    visit("article", id=article.id, tab="Publish").click("publish")
    ids = (article.id, new_id(), new_id())
    named = zip(ids, HOSTILE[:3], strict=True)
    rows = [FailingRow(article_id=one, version=1, title=text, reasons=("Score is 61.",)) for one, text in named]
    batch = GateBatch(
        name="blog_post, accepted", format="x", rows=9, expectations=6, failing=tuple(rows), page="a.html"
    )
    report = GateReport(at=datetime(2026, 10, 1, tzinfo=UTC), batches=(batch,))
    blobs = served.tools.gate_blobs()
    served.do(blobs.write(f"{LOCAL_WORKSPACE}/{stored_gate.REPORT}", report.model_dump_json().encode()))
    served.do(blobs.write(f"{LOCAL_WORKSPACE}/a.html", b"<p>page</p>"))
    page = visit("analytics")
    assert "3 blocked from publication" in page.text
    assert f"article?id={article.id}" in page.links
    assert [button.label for button in page.app.get("download_button")] == ["Page of the gate: Blog post, accepted"]
    (unpublish,) = [button.key for button in page.app.button if (button.key or "").startswith("unpublish-")]
    page.click(unpublish)
    page.app.button(key=unpublish).click()
    page.click("unpublish-yes")
    assert "Readers find it nowhere any more" in page.text
    assert not list((served.settings.home_folder / "published" / "site").glob("*/index.html"))
