"""The neighbour process: moto behind a small server of ours. Nothing here is imported by the engine."""
