"""Other integrations as users install them, each in a virtual environment of its own under build/peers."""
