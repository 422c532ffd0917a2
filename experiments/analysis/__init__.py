"""The policy laboratory: which lever, for whom, at what cost, how surely.

A study with ``task=policy`` is an ordinary study whose folder gains the tables of the methods that ``analysis`` asks
for. A subject is one file here, with its methods; `registry` runs them.
"""
