"""Tables of a study: what every column means, how they are computed, written, opened and compared."""
