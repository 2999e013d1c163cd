"""A file of the deployed code in colours, line by line."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from lambdatui.dashboard.function.lines import Line, SpanLines
from lambdatui.dashboard.widgets.tones import TONE_CLASSES, tones_css

COLOURED = 200_000
"""Characters that are coloured; bigger files are shown plain."""

# By pygments' names of token types, the narrower before the wider.
_TONES: tuple[tuple[str, str], ...] = (
    ("Token.Comment", "muted"),
    ("Token.Literal.String.Doc", "muted"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Keyword.Constant", "literal"),
    ("Token.Keyword", "accent"),
    ("Token.Operator.Word", "accent"),
    ("Token.Name.Function", "key"),
    ("Token.Name.Class", "key"),
    ("Token.Name.Tag", "key"),
    ("Token.Name.Decorator", "literal"),
    ("Token.Name.Builtin", "literal"),
    ("Token.Punctuation", "punctuation"),
)


class SourceView(SpanLines):
    """Source code with line numbers; read only."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*TONE_CLASSES}
    DEFAULT_CSS = tones_css("SourceView")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.indent = 0

    def show_source(self, path: str, text: str) -> None:
        """Show a file from its beginning."""
        lines = coloured(path, text)
        self.indent = len(str(len(lines))) + 2
        self._cursor = None
        self.set_lines(lines)
        self.scroll_to(0, 0, animate=False, force=True)

    def line_prefix(self, index: int) -> Line:
        return [(f"{index + 1:>{self.indent - 2}}  ", "faint")]


def coloured(path: str, text: str) -> list[Line]:
    """The lines of a file; every character of it is drawn, whatever the lexer thinks."""
    text = text.expandtabs(4).removesuffix("\n")  # the end of the last line is no line of its own
    lexer = _lexer(path) if len(text) <= COLOURED else None
    plain: list[Line] = [[(line, "")] for line in text.split("\n")]
    if lexer is None:
        return plain
    lines: list[Line] = [[]]
    for token, value in lexer.get_tokens(text):
        first, *others = value.split("\n")
        if first:
            lines[-1].append((first, tone_of(token)))
        for part in others:
            lines.append([(part, tone_of(token))] if part else [])
    lines = lines[: len(plain)]
    same = len(lines) == len(plain) and all(
        "".join(part for part, _ in ours) == theirs[0][0] for ours, theirs in zip(lines, plain, strict=True)
    )
    return lines if same else plain


def _lexer(path: str) -> Any:
    """What knows the language of a file, by its name; None when nobody does."""
    lexers = import_module("pygments.lexers")  # 40 ms, and only who looks at code needs it
    try:
        return lexers.get_lexer_for_filename(path.rpartition("/")[2], stripnl=False, ensurenl=False)
    except import_module("pygments.util").ClassNotFound:
        return None


def tone_of(token: object) -> str:
    """What a token looks like."""
    name = str(token)
    return next((tone for kind, tone in _TONES if name == kind or name.startswith(f"{kind}.")), "")
