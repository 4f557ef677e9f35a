"""Statistics: formulas over numbers that know nothing of the model."""
