"""Drivers that are written in Python: the oracle (apsw), the reference engine, and the C API through ctypes."""
