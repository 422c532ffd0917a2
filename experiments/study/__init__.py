"""A study from its settings to its folder, and whether it comes out again."""
