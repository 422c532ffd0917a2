"""From files and words to checked settings."""
