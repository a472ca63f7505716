"""What a connection may log in with. Secrets are left out of every representation."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Salesforce: a connected app's own login (OAuth client credentials flow)."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """Salesforce: a connected app that signs in as `username` with a private key in PEM."""

    id: str
    username: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PrivateApp:
    """HubSpot: the access token of a private app."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthRefresh:
    """HubSpot: an installed app, whose access tokens live 30 minutes."""

    id: str
    secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


Credentials = ClientCredentials | JwtBearer | PrivateApp | OAuthRefresh
