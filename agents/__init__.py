"""Who decides what, and why: banks, their rules, and the names of the honeycomb model."""
