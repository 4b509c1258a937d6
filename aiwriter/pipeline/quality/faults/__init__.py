"""What a sentence says against its passages: numbers, dates, names, negations, quantifiers, direction of cause,
opposites, places.

Each detector returns faults with the offending span. They are rules: they find one changed word where word overlap
sees nothing. A certain fault makes a sentence unsupported, a doubtful one unsure.
"""

from __future__ import annotations

from collections.abc import Collection

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults import (
    causes,
    comparisons,
    doers,
    names,
    numbers,
    opposites,
    polarity,
    slots,
    swaps,
    wording,
)
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.faults.wording import exchanged_words

__all__ = ["Fault", "exchanged_words", "faults"]

_DETECTORS = (
    numbers.numbers,
    numbers.dates,
    numbers.order,
    numbers.sides,
    numbers.weekdays,
    polarity.negations,
    polarity.quantifiers,
    polarity.paces,
    causes.causes,
    causes.joined,
    causes.given_otherwise,
    opposites.opposites,
    opposites.overstated,
    comparisons.comparisons,
    swaps.preferred,
)


def faults(alignment: Alignment, known: Collection[str] = ()) -> list[Fault]:
    """Everything in the claim that its passages do not say or say otherwise. `known`: see text.facts.names."""
    if not alignment.by_passage:
        return []
    found = [fault for detector in _DETECTORS for fault in detector(alignment)]
    found += [*names.names(alignment, known), *wording.exchanged(alignment, known), *swaps.swapped(alignment, known)]
    found += [*slots.misplaced(alignment, known), *doers.doers(alignment, known)]
    certain = {(fault.rule, fault.span): fault for fault in sorted(found, key=lambda fault: fault.certain)}
    return list(certain.values())  # each place once, by the more certain of two faults
