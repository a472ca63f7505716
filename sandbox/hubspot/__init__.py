"""A HubSpot portal on the loopback: its records, its schema and its HTTP doors."""
