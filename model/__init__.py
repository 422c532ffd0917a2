"""Where and when: banks, markets, networks and policies through the quarters."""
