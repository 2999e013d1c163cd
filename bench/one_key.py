"""The floor of a key's way to the screen: a Textual app that says how often one was pressed."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static


class OneKey(App[None]):
    pressed = 0

    def compose(self) -> ComposeResult:
        yield Static("press 0.")

    def on_key(self, event: Key) -> None:
        self.pressed += 1
        self.query_one(Static).update(f"press {self.pressed}.")


if __name__ == "__main__":
    OneKey().run()
