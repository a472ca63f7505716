"""People who are to be forgotten, or shown what is held of them: wherever the store has them."""
