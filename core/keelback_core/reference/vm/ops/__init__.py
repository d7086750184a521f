"""Handlers of the opcodes, one file a family of core/spec/opcodes.toml; each ends with its table `<FAMILY>_HANDLERS`."""
