"""The reference VM: it runs Programs on the databases of a connection.

`machine` is one run of one Program, `session` what the statements of a connection share, `statement_end` what happens
when one ends. `ops` has one file of handlers a family of opcodes, put together in `dispatch`; `cursor` and its kinds
are what those handlers move; `functions` are the built-in SQL functions.
"""
