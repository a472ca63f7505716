"""Our fields and permission set as Salesforce DX source, for orgs whose changes go through version control.

Source: Salesforce DX Developer Guide, "Salesforce DX Project Structure and Source Format".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as Xml

from connectors.protocol import FieldSpec
from connectors.salesforce.client import OLDEST_TESTED
from connectors.salesforce.metadata import MARK, PERMISSION_SET, PERMISSION_SET_LABEL, holder, metadata
from connectors.salesforce.streams import OBJECTS, native_name

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
ROOT = "force-app/main/default"


def source(wanted: Iterable[FieldSpec]) -> Mapping[str, str]:
    """Path -> text of every file of a project that `sf project deploy start` takes."""
    specs = list(wanted)
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "sourceApiVersion": f"{OLDEST_TESTED}",
    }
    files = {"sfdx-project.json": json.dumps(project, indent=2) + "\n"}
    for native, spec in _placed(specs):
        name = native_name(spec.name)
        path = f"{ROOT}/objects/{holder(native)}/fields/{name}.field-meta.xml"
        files[path] = _xml("CustomField", {"fullName": name, **metadata(spec)})
    files[f"{ROOT}/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"] = _permission_set(specs)
    return files


def _placed(specs: Iterable[FieldSpec]) -> Iterator[tuple[str, FieldSpec]]:
    return ((native, spec) for spec in specs for native in OBJECTS[spec.object])


def _permission_set(specs: Iterable[FieldSpec]) -> str:
    grants = [
        {"editable": True, "field": f"{native}.{native_name(spec.name)}", "readable": True}
        for native, spec in _placed(specs)
    ]
    described = {"description": MARK, "fieldPermissions": sorted(grants, key=lambda grant: str(grant["field"]))}
    return _xml("PermissionSet", {**described, "hasActivationRequired": False, "label": PERMISSION_SET_LABEL})


def _xml(kind: str, content: Mapping[str, Any]) -> str:
    root = Xml.Element(kind, xmlns=NAMESPACE)
    _fill(root, content)
    Xml.indent(root, "    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _fill(parent: Xml.Element, content: Mapping[str, Any]) -> None:
    """Elements in alphabetical order, as Salesforce writes them; a list is an element repeated."""
    for name in sorted(content):
        for value in content[name] if isinstance(content[name], list) else [content[name]]:
            child = Xml.SubElement(parent, name)
            if isinstance(value, Mapping):
                _fill(child, value)
            else:
                child.text = str(value).lower() if isinstance(value, bool) else str(value)
