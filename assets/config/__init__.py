"""readiness.yaml: what RevOps edits."""

from assets.config.connection import CrmConfig, Files, HubSpot, Salesforce
from assets.config.load import chosen, default_path, load
from assets.config.model import Config

__all__ = ["Config", "CrmConfig", "Files", "HubSpot", "Salesforce", "chosen", "default_path", "load"]
