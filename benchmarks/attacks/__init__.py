"""How much clients without a key can slow down the others."""
