"""From a connection's config to its connector: secrets are read here, at the last moment, and handed on at once."""

from __future__ import annotations

from assets.config import Files, HubSpot, Salesforce
from assets.config.auth import HubSpotAuth, SalesforceAuth
from assets.connection import Connection
from connectors.credentials import ClientCredentials, Credentials, JwtBearer, OAuthRefresh, PrivateApp
from connectors.open import open_connector
from connectors.protocol import Annotate, Connector
from transforms.annotate import annotator


def connect(connection: Connection, to_provision: bool = False) -> Connector:
    """A connector with the connection's own credential, or with `provision_auth` where there is one and it is asked.

    Raises
    ------
    ConfigError : a secret isn't where the config says.
    NeedsAdmin : address and credential don't fit the CRM.
    """
    config = connection.config
    annotate = annotate_of(connection)
    match config:
        case Files():
            return open_connector("files", config.path, None, annotate)
        case Salesforce():
            auth = (to_provision and config.provision_auth) or config.auth
            return open_connector("salesforce", config.url, _salesforce(connection.name, auth), annotate)
        case HubSpot():
            hubspot_auth = (to_provision and config.provision_auth) or config.auth
            return open_connector("hubspot", config.url, _hubspot(connection.name, hubspot_auth), annotate)


def annotate_of(connection: Connection) -> Annotate:
    """What is kept of a message's texts, by the lexicons and the connection's own phrases."""
    return annotator(own=connection.config.lexicon)


def _salesforce(name: str, auth: SalesforceAuth) -> Credentials:
    if auth.client_credentials is not None:
        given = auth.client_credentials
        return ClientCredentials(
            given.id.read(f"{name}, client id").get_secret_value(),
            given.secret.read(f"{name}, client secret").get_secret_value(),
        )
    assert auth.jwt_bearer is not None
    return JwtBearer(
        auth.jwt_bearer.id.read(f"{name}, client id").get_secret_value(),
        auth.jwt_bearer.username,
        auth.jwt_bearer.private_key.read(f"{name}, private key").get_secret_value(),
    )


def _hubspot(name: str, auth: HubSpotAuth) -> Credentials:
    if auth.private_app is not None:
        return PrivateApp(auth.private_app.token.read(f"{name}, private-app token").get_secret_value())
    assert auth.oauth is not None
    return OAuthRefresh(
        auth.oauth.id.read(f"{name}, client id").get_secret_value(),
        auth.oauth.secret.read(f"{name}, client secret").get_secret_value(),
        auth.oauth.refresh_token.read(f"{name}, refresh token").get_secret_value(),
    )
