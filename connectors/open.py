"""The one door to every connection."""

from __future__ import annotations

from pathlib import Path

from connectors.credentials import ClientCredentials, Credentials, JwtBearer, OAuthRefresh, PrivateApp
from connectors.errors import NeedsAdmin
from connectors.protocol import Annotate, Connector

HUBSPOT_URL = "https://api.hubapi.com"


def open_connector(
    crm: str, address: str | Path | None, credentials: Credentials | None, annotate: Annotate
) -> Connector:
    """A connector, logged in lazily: nothing is sent before the first question.

    Parameters
    ----------
    crm : "salesforce" | "hubspot" | "files".
    address : the org's My Domain URL; the API's URL (None: HubSpot's own); the folder.
    credentials : `ClientCredentials` or `JwtBearer` for Salesforce, `PrivateApp` or `OAuthRefresh` for HubSpot,
        None for files.
    annotate : (subject, body) of a message -> the columns to keep instead of it.

    Raises
    ------
    NeedsAdmin : the address or the kind of credential does not fit the CRM.
    """
    if crm == "files" and address is not None:
        from connectors.files.connector import FilesConnector

        return FilesConnector(Path(address))
    if crm == "salesforce" and address is not None and isinstance(credentials, ClientCredentials | JwtBearer):
        from connectors.salesforce.connector import SalesforceConnector

        return SalesforceConnector(str(address), credentials, annotate)
    if crm == "hubspot" and isinstance(credentials, PrivateApp | OAuthRefresh):
        from connectors.hubspot.connector import HubSpotConnector

        return HubSpotConnector(str(address or HUBSPOT_URL), credentials, annotate)
    raise NeedsAdmin(
        f"A {crm} connection cannot be opened with what was given.",
        "Salesforce needs url and client_credentials or jwt_bearer, HubSpot private_app or oauth, files a path.",
    )
