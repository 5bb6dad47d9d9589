"""The answer without a search: a Gaussian of motion, what a network adds, and how far both may be off."""
