"""A study from its settings to its folder: chunks computed, merged, written and reported."""
