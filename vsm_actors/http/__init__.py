"""The server thread, its bridge to the actors, and what every HTTP route shares."""
