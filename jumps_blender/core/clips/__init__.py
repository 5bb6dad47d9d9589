"""A person's tracks over time: at the prior's rate, in windows, with pins and what else a detector told."""
