"""The ways in: each CRM's two kinds of login, renewed in the middle of a run, secrets kept to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.credentials import ClientCredentials, Credentials, JwtBearer, OAuthRefresh, PrivateApp
from connectors.errors import NeedsAdmin
from connectors.loopback import checked_base, is_loopback, new_session
from connectors.open import open_connector
from sandbox.server import Sandbox
from tests.connectors.conftest import fault
from tests.contract.mirror import Mirror
from tests.contract.subjects import annotate

SECRET = "nobody-may-see-this"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def certified(sandbox: Sandbox, key: rsa.RSAPrivateKey) -> Iterator[Sandbox]:
    """The org knows the public half of our key."""
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sandbox.salesforce.certificate = public.decode()
    yield sandbox
    sandbox.salesforce.certificate = None


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def test_a_signed_assertion_logs_in_to_salesforce(certified: Sandbox, key: rsa.RSAPrivateKey) -> None:
    credentials = JwtBearer("sandbox", username(certified), pem(key))
    assert open_connector("salesforce", certified.url, credentials, annotate).identity().crm == "salesforce"


def test_a_session_of_a_signed_assertion_is_renewed_in_the_middle_of_a_run(
    certified: Sandbox, key: rsa.RSAPrivateKey
) -> None:
    credentials = JwtBearer("sandbox", username(certified), pem(key))
    whole, renewed = Mirror(), Mirror()
    whole.sync(open_connector("salesforce", certified.url, credentials, annotate), "contact", "account")
    fault(certified.url, "expired_token", path="/query")
    renewed.sync(open_connector("salesforce", certified.url, credentials, annotate), "contact", "account")
    assert renewed.tables == whole.tables


def test_an_assertion_signed_with_another_key_is_refused(certified: Sandbox) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    credentials = JwtBearer("sandbox", username(certified), pem(other))
    with pytest.raises(NeedsAdmin, match="refuses the login"):
        open_connector("salesforce", certified.url, credentials, annotate).identity()


def username(sandbox: Sandbox) -> str:
    form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    token = requests.post(f"{sandbox.url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
    told = requests.get(
        f"{sandbox.url}/services/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    return str(told.json()["preferred_username"])


def test_an_installed_hubspot_app_renews_its_token_in_the_middle_of_a_run(sandbox: Sandbox) -> None:
    credentials = OAuthRefresh("sandbox", "sandbox", "sandbox")
    whole, renewed = Mirror(), Mirror()
    whole.sync(open_connector("hubspot", sandbox.url, credentials, annotate), "contacts", "companies")
    fault(sandbox.url, "expired_token", path="/crm/objects", after=1)
    renewed.sync(open_connector("hubspot", sandbox.url, credentials, annotate), "contacts", "companies")
    assert renewed.tables == whole.tables


def test_an_expired_private_app_token_needs_an_admin(sandbox: Sandbox) -> None:
    with pytest.raises(NeedsAdmin, match="refused the login"):
        open_connector("hubspot", sandbox.url, PrivateApp(SECRET), annotate).identity()


def test_a_refresh_token_that_is_refused_needs_an_admin_and_is_not_shown(sandbox: Sandbox) -> None:
    credentials = OAuthRefresh("sandbox", "sandbox", SECRET)
    with pytest.raises(NeedsAdmin, match="refuses the login") as refused:
        open_connector("hubspot", sandbox.url, credentials, annotate).identity()
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "credentials",
    [
        ClientCredentials("id", SECRET),
        JwtBearer("id", "ann", SECRET),
        PrivateApp(SECRET),
        OAuthRefresh("id", SECRET, SECRET),
    ],
)
def test_a_credential_does_not_show_its_secret(credentials: Credentials) -> None:
    assert SECRET not in repr(credentials)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8181", True),
        ("http://localhost", True),
        ("http://[::1]:80", True),
        ("https://acme.my.salesforce.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, local: bool) -> None:
    assert is_loopback(url) is local


@pytest.mark.parametrize("url", ["ftp://acme.example.com", "https://", "http://acme.example.com"])
def test_what_is_no_encrypted_address_is_refused(url: str) -> None:
    with pytest.raises(NeedsAdmin):
        checked_base(url)


def test_certificates_are_verified_and_a_netrc_login_never_replaces_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine acme.my.salesforce.com login ann password other", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session = new_session("https://acme.my.salesforce.com")
    assert session.verify is True
    prepared = session.prepare_request(
        requests.Request("GET", "https://acme.my.salesforce.com/", headers={"Authorization": "Bearer ours"})
    )
    assert prepared.headers["Authorization"] == "Bearer ours"
