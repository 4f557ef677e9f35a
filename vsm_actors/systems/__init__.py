"""The five systems of the Viable System Model, as pure monitors."""
