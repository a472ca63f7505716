"""Logging in, and being logged out."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from tests.sandbox.salesforce.company import login, session

USERNAME = "integration@sandbox.example"


def token(sandbox: Any, **form: str) -> requests.Response:
    return requests.post(f"{sandbox.url}/services/oauth2/token", data=form, timeout=30)


def test_client_credentials_give_a_token_of_the_org(sandbox: Any) -> None:
    answer = token(sandbox, grant_type="client_credentials", client_id="sandbox", client_secret="sandbox").json()
    org, _, rest = answer["access_token"].partition("!")
    assert org == sandbox.salesforce.id[:15]
    assert len(rest) > 80
    assert answer["instance_url"] == sandbox.url
    assert answer["token_type"] == "Bearer"
    assert answer.keys() >= {"id", "issued_at", "signature"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "sandbox"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password", "client_id": "sandbox", "username": "a", "password": "b"}, "invalid_grant"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_any_other_way_in_is_refused_as_an_oauth_error(sandbox: Any, form: dict[str, str], error: str) -> None:
    answer = token(sandbox, **form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def claims(sandbox: Any, **other: Any) -> dict[str, Any]:
    return {"iss": "sandbox", "sub": USERNAME, "aud": "https://login.salesforce.com", "exp": time.time() + 180, **other}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def assertion(sandbox: Any, signed: str) -> requests.Response:
    return token(sandbox, grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=signed)


def test_simple_salesforce_logs_in_with_a_signed_assertion(sandbox: Any, key: rsa.RSAPrivateKey) -> None:
    sf = Salesforce(username=USERNAME, consumer_key="sandbox", privatekey=pem(key), session=session(sandbox.url))
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] >= 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "someone"},
        {"sub": "nobody@us.example"},
        {"sub": "gina@us.example"},
        {"aud": "https://example.com"},
        {"exp": time.time() - 10},
        {"exp": time.time() + 3600},
    ],
    ids=["client", "user", "inactive user", "audience", "expired", "too far ahead"],
)
def test_an_assertion_that_claims_something_wrong_is_refused(
    sandbox: Any, key: rsa.RSAPrivateKey, wrong: dict[str, Any]
) -> None:
    answer = assertion(sandbox, jwt.encode(claims(sandbox, **wrong), pem(key), algorithm="RS256"))
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_client_id")


def test_an_assertion_without_a_signature_is_refused(sandbox: Any) -> None:
    for signed in (jwt.encode(claims(sandbox), "", algorithm="none"), "nonsense", ""):
        assert assertion(sandbox, signed).json()["error"] == "invalid_grant"


def test_with_a_registered_certificate_only_its_key_may_sign(sandbox: Any, key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sandbox.salesforce.certificate = public.decode()
    try:
        good = assertion(sandbox, jwt.encode(claims(sandbox), pem(key), algorithm="RS256"))
        bad = assertion(sandbox, jwt.encode(claims(sandbox), pem(other), algorithm="RS256"))
    finally:
        sandbox.salesforce.certificate = None
    assert good.status_code == 200
    assert bad.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_without_a_token_every_address_says_the_session_is_invalid(sandbox: Any) -> None:
    for path in ("/query?q=SELECT+Id+FROM+Account", "/sobjects", "/limits", ""):
        answer = requests.get(f"{sandbox.url}/services/data/v65.0{path}", timeout=30)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Token"
        assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def query_with(sandbox: Any, access_token: str) -> requests.Response:
    address = f"{sandbox.url}/services/data/v65.0/query?q=SELECT+Id+FROM+Account"
    return requests.get(address, headers={"Authorization": f"Bearer {access_token}"}, timeout=30)


def test_a_revoked_token_is_no_longer_taken(sandbox: Any) -> None:
    sf = login(sandbox.url)
    revoke = f"{sandbox.url}/services/oauth2/revoke"
    assert requests.post(revoke, data={"token": sf.session_id}, timeout=30).status_code == 200
    assert query_with(sandbox, sf.session_id).status_code == 401
    assert requests.post(revoke, data={"token": sf.session_id}, timeout=30).status_code == 400


def test_an_expired_session_stays_expired_until_a_new_login(sandbox: Any, faults: Any) -> None:
    sf = login(sandbox.url)
    faults("expired_token", match={"path": "/query"})
    for _ in range(2):
        assert query_with(sandbox, sf.session_id).status_code == 401
    assert query_with(sandbox, login(sandbox.url).session_id).status_code == 200


def test_simple_salesforce_logs_in_anew_by_itself(sandbox: Any, faults: Any) -> None:
    sf = login(sandbox.url)
    faults("expired_token", match={"path": "/query"})
    assert sf.query("SELECT Id FROM Account")["done"]


def test_soap_login_is_switched_off_and_says_so(sandbox: Any) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="SOAP API login"):
        Salesforce(username="a", password="b", security_token="c", session=session(sandbox.url))


def test_the_token_s_identity_and_userinfo_name_the_same_user(sandbox: Any, sf: Salesforce) -> None:
    issued = token(sandbox, grant_type="client_credentials", client_id="sandbox", client_secret="sandbox").json()
    headers = {"Authorization": f"Bearer {issued['access_token']}"}
    identity = requests.get(issued["id"], headers=headers, timeout=30).json()
    info = requests.get(f"{sandbox.url}/services/oauth2/userinfo", headers=headers, timeout=30).json()
    assert identity["user_id"] == info["user_id"]
    assert info["organization_id"] == sandbox.salesforce.id
    assert info["preferred_username"] == USERNAME


def test_versions_are_listed_without_a_login_and_retired_or_unknown_ones_refused(sandbox: Any, ask: Any) -> None:
    listed = requests.get(f"{sandbox.url}/services/data/", timeout=30).json()
    assert {"label": "Winter '26", "url": "/services/data/v65.0", "version": "65.0"} in listed
    assert listed[-1]["version"] == "68.0"
    assert ask("GET", "/services/data/v50.0/limits").status_code == 200
    assert ask("GET", "/services/data/v26.0/limits").status_code == 410
    for unknown in ("v99.0", "v65", "65.0", "v65.1"):
        assert ask("GET", f"/services/data/{unknown}/limits").status_code == 404
