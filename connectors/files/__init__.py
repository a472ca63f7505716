"""A folder of canonical tables, Parquet or CSV, as a connection."""
