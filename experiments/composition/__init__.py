"""How files and command lines become one plain tree: reading, overriding, merging, and finding what is wrong."""
