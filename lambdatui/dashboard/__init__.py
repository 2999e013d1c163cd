"""The screen: a Textual app on top of the service layer."""
