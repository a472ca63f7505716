"""What will become of an open deal: won, lost or no decision, and when."""
