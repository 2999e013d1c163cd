"""Widgets that draw by line, and small drawings made of text."""

from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.json_view import JsonView
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.line_view import LineView
from lambdatui.dashboard.widgets.log_view import LineRenderer, LogView
from lambdatui.dashboard.widgets.needle import BadPatternError, Needle
from lambdatui.dashboard.widgets.signs import SIGNS, Signs
from lambdatui.dashboard.widgets.spans import Span

__all__ = [
    "SIGNS",
    "BadPatternError",
    "Cell",
    "Column",
    "JsonView",
    "LineRenderer",
    "LineTable",
    "LineView",
    "LogView",
    "Needle",
    "Signs",
    "Span",
]
