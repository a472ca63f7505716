"""A simulated market: companies, buyers and sellers with a latent state, and what of it a CRM gets to see."""

from sandbox.market.market import Market

__all__ = ["Market"]
