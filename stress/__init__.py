"""The promises of a study, tried hard: each program states its figures and fails if one promise is broken.

``python -m stress.kills --kills 300`` and so on; ``python -m stress --help`` lists them all.
"""
