"""Handlers of the opcodes: a file for each family of core/spec/opcodes.toml, each with its table of handlers."""
