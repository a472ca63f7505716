"""What must hold of the tables: checks that protect the CRM block every write until they pass."""
