"""Room: value."""
