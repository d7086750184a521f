"""The virtual table modules that need nothing of a connection but its databases, one file a module."""
