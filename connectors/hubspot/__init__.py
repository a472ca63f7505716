"""HubSpot: a portal through its CRM objects, search, associations and properties APIs."""
