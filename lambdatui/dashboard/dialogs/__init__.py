"""Questions that stand in front of the screen until they are answered or left."""
