"""Programs that run inside environments; data to the engine, never imported by it."""
