"""What an academic holds the model against: convergence, a placebo network, survey weights, the break of 2023.

Each module is a method of ``task=policy``: a function of its own name that takes a `Case` and gives tables.
"""
