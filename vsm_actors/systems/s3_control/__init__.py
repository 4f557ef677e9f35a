"""System 3, control: the inside and now."""
