"""The floor of the dashboard's start: a Textual app with one widget."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class OneWidget(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("one widget")


if __name__ == "__main__":
    OneWidget().run()
