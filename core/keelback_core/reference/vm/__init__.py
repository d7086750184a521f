"""Room: reference/vm."""
