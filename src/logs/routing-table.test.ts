import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseConfiguration } from "../org/configuration.ts";
import { formatRoutingTable } from "./routing-table.ts";
import { RoutingTableFiles } from "./routing-table-files.ts";

const TEXT = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: "A & \\"B\\"", domainName: contoso.test, domainType: Authoritative }]
sendConnectors:
  - { name: Out, addressSpaces: ["SMTP:*;10"], smartHosts: ["[192.0.2.9]"] }
  - { name: Direct, addressSpaces: ["SMTP:fabrikam.test;1"], enabled: false }
`;

test("the routing table has domains, connectors, address spaces and costs, and is XML", () => {
  const parsed = parseConfiguration(TEXT, { fileName: "x", hostName: "h", cores: 1 });
  assert.ok(parsed.ok);
  const at = { serverName: "mail.contoso.test", nowMs: 0 };
  const xml = formatRoutingTable(parsed.value.organization, at);
  assert.match(xml, /<RoutingTable server="mail\.contoso\.test" version="\d+" created="1970-/);
  assert.match(xml, /<AcceptedDomain name="A &amp; &quot;B&quot;" domainName="contoso\.test"/);
  assert.match(xml, /<AddressSpace type="SMTP" space="\*" cost="10"\/>/);
  assert.match(xml, /<SmartHost host="192\.0\.2\.9"\/>/);
  assert.match(xml, /<SendConnector name="Direct" enabled="false" routing="DNS"/);
});

test("snapshots are listed, read by their name, and pruned but for the newest", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "postrider-routing-"));
  t.after(() => rm(directory, { recursive: true }));
  const files = new RoutingTableFiles(join(directory, "Routing"));
  assert.deepEqual(await files.list(), []);
  for (const version of [1, 2, 3]) {
    await files.write({ version, createdMs: version * 1000, xml: `<v${version}/>` });
  }
  await writeFile(join(directory, "secret"), "x");
  const names = (await files.list()).map(({ name }) => name);
  assert.equal(names[0], "RoutingConfig#1@19700101T000001000Z.xml");
  assert.equal(await files.read(names[1] ?? ""), "<v2/>");
  assert.equal(await files.read("../secret"), undefined);
  await files.prune({ maxAgeMs: 0, maxDirectoryBytes: 10 }, 5000);
  assert.deepEqual(
    (await files.list()).map(({ version }) => version),
    [2, 3],
  );
  await files.prune({ maxAgeMs: 1, maxDirectoryBytes: 1 }, 5000);
  assert.deepEqual(
    (await files.list()).map(({ version }) => version),
    [3],
  );
});
