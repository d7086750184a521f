"""Room: compiler/catalog."""
