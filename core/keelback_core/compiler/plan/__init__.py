"""Room: compiler/plan."""
