// What a JavaScript developer does with jsforce, as it is, against the org; prints what came of it as JSON.
import { createRequire } from 'node:module';

const [url, folder] = process.argv.slice(2);
const jsforce = createRequire(folder + '/')('jsforce');
const oauth2 = { loginUrl: url, clientId: 'sandbox', clientSecret: 'sandbox' };
const conn = new jsforce.Connection({ loginUrl: url, instanceUrl: url, oauth2 });
const refused = async (act) => { try { await act(); return 'nothing'; } catch (error) { return error.errorCode; } };
const out = {};

await conn.authorize({ grant_type: 'client_credentials' });
out.version = conn.version;
out.identity = (await conn.identity()).username;
out.limits = (await conn.limits()).DailyApiRequests.Max > 0 && conn.limitInfo.apiUsage.used > 0;
out.objects = (await conn.describeGlobal()).sobjects.some((one) => one.name === 'Opportunity');
out.fields = (await conn.sobject('Opportunity').describe()).fields.some((one) => one.name === 'StageName');

const tasks = await conn.query("SELECT Id FROM Task WHERE Subject LIKE 'Note%'", { autoFetch: true, maxFetch: 10000 });
out.paged = [tasks.totalSize, new Set(tasks.records.map((one) => one.Id)).size];
const since = jsforce.SfDate.toDateTimeLiteral(new Date('2026-01-01T00:00:00Z'));
const deals = conn.sobject('Opportunity');
out.found = (await deals.find({ IsClosed: false, CreatedDate: { $gte: since } }, ['Name', 'Account.Name']).limit(5))
  .map((one) => [one.Name, one.Account.Name]);
const withRoles = await deals.select('Id').include('OpportunityContactRoles').select('Role').end().execute();
out.roles = withRoles.flatMap((one) => one.OpportunityContactRoles?.records ?? []).map((one) => one.Role).sort();
out.count = (await conn.query('SELECT COUNT() FROM Contact')).totalSize;

const accounts = conn.sobject('Account');
const { id } = await accounts.create({ Name: 'Node' });
await accounts.update({ Id: id, Name: 'Node!' });
out.read = (await accounts.retrieve(id)).Name;
const many = await accounts.create([{ Name: 'Node 1' }, { Site: 'nameless' }]);
out.many = many.map((one) => (one.success ? 'saved' : one.errors[0].statusCode));
const upsert = () => accounts.upsert({ Name: 'Node up', External_Id__c: 'node-1' }, 'External_Id__c');
out.upserted = [(await upsert()).created, (await upsert()).created];
await accounts.destroy(id);
out.deleted = await refused(() => accounts.destroy(id));
out.gone = await refused(() => accounts.retrieve(id));
out.malformed = await refused(() => conn.query('SELECT FROM Account'));
out.missing = await refused(() => accounts.create({ Site: 'nameless' }));

const wait = { pollInterval: 100, pollTimeout: 20000 };
const rows = await (await conn.bulk2.query("SELECT Name FROM Account WHERE Name LIKE 'Node%'", wait)).toArray();
out.bulkQuery = rows.map((one) => one.Name).sort();
const input = [{ Name: 'Node bulk', Site: 'x' }, { Name: '', Site: 'y' }];
const loaded = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input, ...wait });
out.bulkLoad = [loaded.successfulResults.length, loaded.failedResults.length];

const metadata = { type: 'Text', label: 'Key', length: 80 };
const field = await conn.tooling.sobject('CustomField').create({ FullName: 'Activity.BR_Node__c', Metadata: metadata });
out.field = field.success;
out.layouts = (await deals.layouts()).layouts.length;
console.log(JSON.stringify(out));
