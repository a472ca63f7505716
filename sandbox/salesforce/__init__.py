"""A Salesforce org on loopback HTTP: the REST, Bulk 2.0 and Tooling APIs over the sandbox's company.

Shapes follow answers recorded from real orgs; where none was recorded, the module names the page of Salesforce's
documentation that it rests on.
"""
