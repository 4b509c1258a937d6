"""How much of their wording two texts share, exactly and from small signatures.

MinHash (A. Broder 1997) over all sequences of five words, with 128 permutations, and the bands of locality-sensitive
hashing (P. Indyk, R. Motwani 1998) by which alike texts are found without comparing all. Signatures are stored, so all
arithmetic is our own and fixed: rensa 0.5 asks for signatures of earlier versions to be made anew, and hashes of Python
differ from process to process. Whoever changes anything here raises SCHEME.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from aiwriter.text.words import words

if TYPE_CHECKING:
    import numpy as np

SCHEME = 1  # stored beside every signature: those of another scheme are made anew
GRAM = 5
PERMUTATIONS = 128
BANDS = 32  # of four rows: 87 % of pairs that share half of their sequences meet in one, and all that share 85 %
_AT_ONCE = 64  # shingles: 64 KB of hashes, which a core keeps near (2.3 times as fast as all at once)

_GOLDEN = 0x9E3779B97F4A7C15


def signature(texts: Iterable[str]) -> bytes:
    """The signature of the texts, read as one: 128 little-endian 32-bit numbers; empty for fewer than five words."""
    import numpy as np

    grams = shingles(texts)
    if not len(grams):
        return b""
    factors, summands = _permutations()
    least = np.full(PERMUTATIONS, 0xFFFFFFFF, dtype=np.uint64)
    for start in range(0, len(grams), _AT_ONCE):
        hashed = (grams[start : start + _AT_ONCE, None] * factors + summands) >> np.uint64(32)
        np.minimum(least, hashed.min(axis=0), out=least)
    return least.astype("<u4").tobytes()


def bands(signed: bytes) -> list[int]:
    """One signed 64-bit key for each band of a signature, by which it is looked up; none of an empty one."""
    import numpy as np

    if not signed:
        return []
    rows = np.frombuffer(signed, dtype="<u4").astype(np.uint64).reshape(BANDS, -1)
    keys = _mixed(np.arange(1, BANDS + 1, dtype=np.uint64))
    for column in rows.T:
        keys = _mixed(keys ^ column)
    return [int(key) for key in keys.view(np.int64)]


def likeness(one: bytes, other: bytes) -> float:
    """The share of five-word sequences in common, estimated from signatures: off by at most 0.044 (standard error)."""
    import numpy as np

    if not one or not other:
        return 0.0
    return float((np.frombuffer(one, dtype="<u4") == np.frombuffer(other, dtype="<u4")).mean())


def jaccard(one: Iterable[str], other: Iterable[str]) -> float:
    """The sequences of five words that both have, divided by those that either has."""
    import numpy as np

    mine, theirs = shingles(one), shingles(other)
    both = len(np.intersect1d(mine, theirs, assume_unique=True))
    either = len(mine) + len(theirs) - both
    return both / either if either else 0.0


def shingles(texts: Iterable[str]) -> np.ndarray:
    """The distinct sequences of five words as 64-bit hashes, sorted; uint64 (n,)."""
    import numpy as np

    hashes = np.array([_of_word(word) for text in texts for word in words(text)], dtype=np.uint64)
    if len(hashes) < GRAM:
        return np.empty(0, dtype=np.uint64)
    count = len(hashes) - GRAM + 1
    grams = np.zeros(count, dtype=np.uint64)
    for place in range(GRAM):
        grams = _mixed(grams ^ hashes[place : place + count])
    grams.sort()  # not np.unique, which imports masked arrays
    distinct: np.ndarray = grams[np.append(True, grams[1:] != grams[:-1])]
    return distinct


@lru_cache(maxsize=65_536)
def _of_word(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest(), "little")


@lru_cache(maxsize=1)
def _permutations() -> tuple[np.ndarray, np.ndarray]:
    """Odd factors and summands of the 128 hashes (multiply-shift, M. Dietzfelbinger 1997)."""
    import numpy as np

    numbers = _mixed(np.arange(1, 2 * PERMUTATIONS + 1, dtype=np.uint64))
    return numbers[:PERMUTATIONS] | np.uint64(1), numbers[PERMUTATIONS:]


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Each number spread over all 64 bits (splitmix64, G. Steele et al. 2014)."""
    import numpy as np

    numbers = numbers + np.uint64(_GOLDEN)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = numbers ^ (numbers >> np.uint64(31))
    return mixed
