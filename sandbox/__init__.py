"""A local CRM that speaks Salesforce's and HubSpot's own APIs, with a simulated market in it. Loopback only."""
