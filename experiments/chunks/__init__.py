"""The work of a study in pieces: planned, computed by workers anywhere, each kept whole or not at all."""
