"""Event patterns: who passes a filter, and which clause kept the others out.

The language is the one of EventBridge rules and of event source mappings' filters. A pattern is compiled once
(`compile_pattern`), then asked about many events: `Pattern.matches` is the fast answer, `Pattern.explain` the
one with a sentence for every clause. `Filters` does the same for the records of an event source, whose
payload (`body`, `data`, `value` …) is opened first. Nothing here does I/O.
"""

from lambdatui.patterns.operators import InvalidPattern
from lambdatui.patterns.records import MAX_FILTERS, Filters, Source
from lambdatui.patterns.tree import MAX_LENGTH, Clause, Match, Pattern, compile_pattern, match

__all__ = [
    "MAX_FILTERS",
    "MAX_LENGTH",
    "Clause",
    "Filters",
    "InvalidPattern",
    "Match",
    "Pattern",
    "Source",
    "compile_pattern",
    "match",
]
