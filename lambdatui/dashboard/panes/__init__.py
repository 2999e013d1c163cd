"""The panes of the main screen; each answers one question."""
