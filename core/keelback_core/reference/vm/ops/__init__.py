"""Room: reference/vm/ops."""
