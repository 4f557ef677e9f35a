"""System 4, intelligence: the outside and then."""
