"""Run in dlt's environment: deals, contacts and companies through its own REST source, into DuckDB.

`python dlt_rest.py FOLDER`. dlt's REST source pages through HubSpot's lists; HubSpot's lists know no "modified since".
"""

import sys

import dlt
from dlt.sources.rest_api import rest_api_source

PROPERTIES = {
    "deals": "dealname,amount,closedate,dealstage,pipeline,createdate,hubspot_owner_id,hs_lastmodifieddate",
    "contacts": "email,firstname,lastname,jobtitle,lifecyclestage,createdate,hubspot_owner_id,lastmodifieddate",
    "companies": "name,domain,createdate,hs_lastmodifieddate",
}

source = rest_api_source(
    {
        "client": {
            "base_url": "https://api.hubapi.com/crm/v3/objects/",
            "auth": {"type": "bearer", "token": "pat-sandbox"},
            "paginator": {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"},
        },
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [
            {
                "name": name,
                "endpoint": {
                    "path": name,
                    "data_selector": "results",
                    "params": {"limit": 100, "properties": properties, "associations": "contacts,companies"}
                    if name == "deals"
                    else {"limit": 100, "properties": properties},
                },
            }
            for name, properties in PROPERTIES.items()
        ],
    }
)
pipeline = dlt.pipeline(
    "hubspot", pipelines_dir=sys.argv[1], destination=dlt.destinations.duckdb(f"{sys.argv[1]}/x.db")
)
print(pipeline.run(source))
