"""Where a number came from: its identity, provenance and manifest."""
