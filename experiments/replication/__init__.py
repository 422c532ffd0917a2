"""Whether a study comes out again: replay, verify, and the first difference."""
