"""The composition root: Dagster assets, checks, schedules, the warehouse and the command line."""
