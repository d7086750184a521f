"""The runner of Keelback's conformance suite: reads `.kbt` files, asks drivers, compares typed answers.

The format is written down in FORMAT.md, the driver protocol in PROTOCOL.md, both beside this package.
"""
