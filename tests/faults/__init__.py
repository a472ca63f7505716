"""The fault matrix: what may go wrong between us and a CRM, at every step of a run, and what must hold afterwards."""
