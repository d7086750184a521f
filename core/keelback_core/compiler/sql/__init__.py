"""Room compiler/sql: text to tokens to syntax tree, and back.

`parser.parse_statement`, `printer.print_statement`, the nodes in `ast`. Knows no catalog; imports `value` only.
"""
