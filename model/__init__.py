"""Where and when: the banking system, its quarter, its market, network, environment and policies."""
