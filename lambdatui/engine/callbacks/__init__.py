"""Callers that go on only when the function calls them back: what they wait for, and what came."""
