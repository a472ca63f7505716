"""What a connection's own history teaches: the model in use, how it was tried, and looks back at what is known."""
