"""Salesforce: an org through its REST, Bulk 2.0 and Tooling APIs."""
