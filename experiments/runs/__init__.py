"""The work of a study in pieces: named by what it depends on, computed by workers, kept whole or not at all."""
