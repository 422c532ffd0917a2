"""Files and folders on disk: whole or absent."""
