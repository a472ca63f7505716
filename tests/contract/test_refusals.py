"""What goes wrong is said in one sentence with a remedy, without a secret in it."""

from __future__ import annotations

import pytest

from connectors.errors import ConnectorError, NeedsAdmin, TryLater
from connectors.protocol import Connector
from tests.contract.subjects import FilesSubject, HubSpotSubject, SalesforceSubject, Subject, annotate

WRONG = "s3cr3t-that-nobody-may-see"


def test_a_wrong_secret_is_refused_once_with_a_remedy_and_never_shown(subject: Subject) -> None:
    if isinstance(subject, FilesSubject):
        pytest.skip("a folder has no secret")
    connector = subject.open(secret=WRONG)
    with pytest.raises(NeedsAdmin) as refused:
        connector.identity()
    assert refused.value.remedy
    assert WRONG not in str(refused.value)
    assert WRONG not in repr(connector)


def test_a_place_that_is_not_there_is_named(subject: Subject) -> None:
    if isinstance(subject, FilesSubject):
        missing = subject.folder / "nowhere"
        with pytest.raises(NeedsAdmin, match="nowhere"):
            open_at(subject, str(missing)).identity()
    else:
        with pytest.raises(TryLater, match=r"127\.0\.0\.1:9"):
            open_at(subject, "http://127.0.0.1:9").identity()


def test_plain_http_to_another_machine_is_refused(subject: Subject) -> None:
    if isinstance(subject, FilesSubject):
        pytest.skip("a folder has no address")
    with pytest.raises(NeedsAdmin, match="not encrypted"):
        open_at(subject, "http://crm.example.com").identity()


def open_at(subject: Subject, address: str) -> Connector:
    from connectors.credentials import ClientCredentials, PrivateApp
    from connectors.open import open_connector

    credentials = {
        SalesforceSubject: ClientCredentials("sandbox", WRONG),
        HubSpotSubject: PrivateApp(WRONG),
    }.get(type(subject))
    return open_connector(subject.crm, address, credentials, annotate)


def test_a_connection_is_opened_with_what_fits_its_crm_or_not_at_all() -> None:
    from connectors.open import open_connector

    with pytest.raises(ConnectorError, match="salesforce"):
        open_connector("salesforce", "https://acme.my.salesforce.com", None, annotate)
