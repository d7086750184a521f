"""Keelback's core: the SQL compiler and the reference engine, standard library only.

Rooms, from the bottom up: `value`, `program`, `compiler`, `reference`, `engine`. See ARCHITECTURE.md.
"""
