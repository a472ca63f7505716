"""Learning the forecast from a tenant's closed and open deals, and proving it before it is used."""
