"""Room: reference/vm/functions."""
