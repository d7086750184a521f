"""Room: reference/storage."""
