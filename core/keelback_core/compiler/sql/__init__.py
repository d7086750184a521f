"""Room: compiler/sql."""
