"""Foreign bytes are parsed in processes of their own, which may do little else.

`pool.py` is this side, `child.py` the other, `wire.py` what passes between them. A document that breaks, stops or takes
over its parser costs one child and gives one reason; the process that asked goes on.
"""
