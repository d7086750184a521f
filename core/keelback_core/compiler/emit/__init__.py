"""Room: compiler/emit."""
