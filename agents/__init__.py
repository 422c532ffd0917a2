"""Who decides what, and why: the rules of banks as functions of arrays."""
