"""Room: program."""
