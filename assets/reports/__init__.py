"""The reports of a connection as files: pages to open, print and carry along, and their tables as CSV."""
