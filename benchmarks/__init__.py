"""How fast the engine is, against the same rules bank by bank, a plain Mesa model, and the floor of its chance."""
