"""The page to play with: served from this machine to a browser, thin over the same studies as the command line."""
