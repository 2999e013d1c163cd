"""Which program runs a runtime identifier, and the clients that run inside an environment."""
