"""The user's own bank: its table, the answers read from it, its analyses, figures and section of the report."""
