"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Such as "1 source", "3 passages"; for nouns that take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
