"""Public doubles and samples: what our own tests use, for tests of code that uses the library."""

from aiwriter.testing.checkers import ScriptedChecker
from aiwriter.testing.clock import ManualClock
from aiwriter.testing.corpus import TinyCorpus
from aiwriter.testing.hostile import HOSTILE, hostile_article
from aiwriter.testing.memory import MemoryDatabase
from aiwriter.testing.network import NetworkForbidden, no_network
from aiwriter.testing.pdf import Text, pdf_of
from aiwriter.testing.samples import (
    sample_article,
    sample_brief,
    sample_draft,
    sample_evidence,
    sample_facts,
    sample_id,
    sample_passages,
    sample_sources,
    sound_article,
)
from aiwriter.testing.scripted import ScriptedModel
from aiwriter.testing.search import TinyEngine, TinyEngines
from aiwriter.testing.studies import hostile_study, sample_study
from aiwriter.testing.targets import TinyTarget
from aiwriter.testing.webserver import Page, WebServer, redirect

__all__ = [
    "HOSTILE",
    "ManualClock",
    "MemoryDatabase",
    "NetworkForbidden",
    "Page",
    "ScriptedChecker",
    "ScriptedModel",
    "Text",
    "TinyCorpus",
    "TinyEngine",
    "TinyEngines",
    "TinyTarget",
    "WebServer",
    "hostile_article",
    "hostile_study",
    "no_network",
    "pdf_of",
    "redirect",
    "sample_article",
    "sample_brief",
    "sample_draft",
    "sample_evidence",
    "sample_facts",
    "sample_id",
    "sample_passages",
    "sample_sources",
    "sample_study",
    "sound_article",
]
