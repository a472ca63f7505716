"""SOQL: a query read into a tree, checked against what the user may see, and answered from the tables."""
