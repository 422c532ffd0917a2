"""The report of a study: one self-contained HTML page, its figures, and a brief of at most four printed pages."""
