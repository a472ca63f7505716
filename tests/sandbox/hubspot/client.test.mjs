// HubSpot's own JavaScript client against the sandbox; prints one line of JSON with what it saw.
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[3]}/`);
const { Client } = require("@hubspot/api-client");
const client = new Client({ accessToken: "pat-sandbox", basePath: process.argv[2] });
const crm = client.crm;
const seen = {};

const deals = await crm.deals.getAll(1, undefined, ["dealname", "dealstage"], ["dealstage"], ["contacts", "companies"]);
seen.deals = deals.map((deal) => deal.properties.dealname).sort();
const pumps = deals.find((deal) => deal.properties.dealname === "Pumps");
seen.versions = pumps.propertiesWithHistory.dealstage.length;
seen.contacts = [...new Set(pumps.associations.contacts.results.map((link) => link.id))].length;
seen.created_at = pumps.createdAt instanceof Date;

const made = await crm.contacts.basicApi.create({ properties: { email: "node@x.example", firstname: "Node" }, associations: [] });
const changed = await crm.contacts.basicApi.update(made.id, { properties: { lastname: "Js" } });
seen.updated = Object.keys(changed.properties).sort();
const found = await crm.contacts.searchApi.doSearch({
  filterGroups: [{ filters: [{ propertyName: "email", operator: "EQ", value: "node@x.example" }] }],
  sorts: [], properties: ["email"], limit: 10, after: "0",
});
seen.found = [found.total, found.results[0].id === made.id];

const batch = await crm.contacts.batchApi.read({
  inputs: [{ id: made.id }, { id: "4" }], properties: ["email"], propertiesWithHistory: [],
});
seen.partial = [batch.results.length, batch.numErrors];
const updated = await crm.deals.batchApi.update({ inputs: [{ id: pumps.id, properties: { hs_next_step: "Ring" } }] });
seen.batch = updated.status;

const task = await crm.objects.tasks.basicApi.create({
  properties: { hs_timestamp: "2026-03-05T09:00:00Z", hs_task_subject: "Ring" },
  associations: [{ to: { id: pumps.id }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: 216 }] }],
});
const links = await crm.associations.v4.basicApi.getPage("deals", pumps.id, "tasks");
seen.task = links.results.some((link) => link.toObjectId === task.id);
const labels = await crm.associations.v4.batchApi.getPage("deals", "contacts", { inputs: [{ id: pumps.id }] });
seen.labels = labels.results[0].to.flatMap((link) => link.associationTypes.map((type) => type.label)).filter(Boolean).sort();

await crm.properties.groupsApi.create("deals", { name: "br_group", label: "BR", displayOrder: -1 });
const property = await crm.properties.coreApi.create("deals", {
  name: "br_text", label: "Text", type: "string", fieldType: "text", groupName: "br_group",
});
seen.property = [property.name, property.archived];
seen.pipelines = (await crm.pipelines.pipelinesApi.getAll("deals")).results.map((pipeline) => pipeline.label);
seen.owners = (await crm.owners.ownersApi.getPage()).results.map((owner) => owner.email);
await crm.contacts.basicApi.archive(made.id);
seen.missing = await crm.contacts.basicApi.getById(made.id).catch((error) => error.code);
seen.conflict = await crm.contacts.basicApi
  .create({ properties: { email: "carla@pompen.example" }, associations: [] })
  .catch((error) => error.body.category);
const token = await client.oauth.tokensApi.create("refresh_token", undefined, undefined, "sandbox", "sandbox", "sandbox");
seen.token = token.expiresIn;
console.log(JSON.stringify(seen));
