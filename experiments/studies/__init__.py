"""A study on disk: planned, computed chunk by chunk by workers, merged and written when whole."""
