"""Room: compiler/bind."""
