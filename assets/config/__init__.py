"""readiness.yaml: what RevOps edits."""

from assets.config.connection import Connection, Files, HubSpot, Salesforce
from assets.config.load import chosen, default_path, load
from assets.config.model import Config

__all__ = ["Config", "Connection", "Files", "HubSpot", "Salesforce", "chosen", "default_path", "load"]
