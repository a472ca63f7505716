"""The org's web addresses, one module per family of resources."""
