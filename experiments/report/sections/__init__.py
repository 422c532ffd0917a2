"""A section a file; each registers itself. See `experiments.report.registry`."""
