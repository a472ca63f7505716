"""SOAP login, which new orgs have switched off.

Source: Salesforce Help, SOAP API login() retirement; SOAP API Developer Guide, API Fault Element.
"""

from __future__ import annotations

from sandbox.salesforce.http import Answer, Call, Endpoint

FAULT = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>
<faultcode>sf:INVALID_OPERATION</faultcode>
<faultstring>INVALID_OPERATION: SOAP API login() is disabled by default in this org.</faultstring>
<detail><sf:LoginFault><sf:exceptionCode>INVALID_OPERATION</sf:exceptionCode>
<sf:exceptionMessage>SOAP API login() is disabled by default in this org.</sf:exceptionMessage>
</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""


def login(call: Call, kind: str, api: str) -> Answer:
    return Answer(FAULT.encode(), 500, media="text/xml; charset=utf-8")


ENDPOINTS = (Endpoint("POST", "/services/Soap/{kind}/{api:path}", login, open=True),)
