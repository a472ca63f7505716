"""How a connection proves who it is. Least privilege: `provision_auth` may name another credential for `provision`."""

from __future__ import annotations

from pydantic import model_validator

from assets.config.base import Strict
from assets.config.secret import Secret


class ClientCredentials(Strict):
    """Salesforce's OAuth client-credentials flow: the id and secret of a connected app with a run-as user."""

    id: Secret
    secret: Secret


class JwtBearer(Strict):
    """Salesforce's OAuth JWT bearer flow: the app's client id, the user, and the private key (PEM)."""

    id: Secret
    username: str
    private_key: Secret


class SalesforceAuth(Strict):
    """One of the two ways in."""

    client_credentials: ClientCredentials | None = None
    jwt_bearer: JwtBearer | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SalesforceAuth:
        if (self.client_credentials is None) == (self.jwt_bearer is None):
            raise ValueError("give one of client_credentials and jwt_bearer")
        return self


class PrivateApp(Strict):
    """HubSpot's private app: its access token."""

    token: Secret


class OAuth(Strict):
    """HubSpot's OAuth app: client id and secret, and the refresh token that the installation gave."""

    id: Secret
    secret: Secret
    refresh_token: Secret


class HubSpotAuth(Strict):
    """One of the two ways in."""

    private_app: PrivateApp | None = None
    oauth: OAuth | None = None

    @model_validator(mode="after")
    def _one_way(self) -> HubSpotAuth:
        if (self.private_app is None) == (self.oauth is None):
            raise ValueError("give one of private_app and oauth")
        return self


def salesforce_default() -> SalesforceAuth:
    """SF_CLIENT_ID and SF_CLIENT_SECRET of the environment."""
    return SalesforceAuth(
        client_credentials=ClientCredentials(id=Secret(env="SF_CLIENT_ID"), secret=Secret(env="SF_CLIENT_SECRET"))
    )


def hubspot_default() -> HubSpotAuth:
    """HUBSPOT_TOKEN of the environment."""
    return HubSpotAuth(private_app=PrivateApp(token=Secret(env="HUBSPOT_TOKEN")))
