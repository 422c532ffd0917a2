"""A subject a file; each section registers itself. See `experiments.report.registry`."""
