"""CRM <-> rows: the only code that talks to a CRM. It yields the CRM's own rows; what they mean is transforms' work."""
