import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../mail/address.fake.ts";
import { NO_DMARC, type SenderAuthentication } from "../mailauth/sender-authentication.ts";
import { organizationOf } from "../org/sample-objects.fake.ts";
import { checkSender, type SenderInquiry, senderSteps } from "./sender-check.ts";

const FOUND: SenderAuthentication = {
  spf: { result: "fail", identity: "mailfrom", domain: "fabrikam.test" },
  dkim: [{ result: "pass", domain: "evil.test", selector: "s1", algorithm: "rsa-sha256" }],
  dmarc: {
    ...NO_DMARC,
    result: "fail",
    domain: "fabrikam.test",
    policy: "reject",
    published: { domain: "fabrikam.test", record: "v=DMARC1; p=reject" },
  },
  arc: { result: "none" },
  iprev: { result: "pass", name: "mx.fabrikam.test" },
};

const INQUIRY: SenderInquiry = {
  clientAddress: "192.0.2.7",
  helo: "client.example",
  sender: address("ann@fabrikam.test"),
  recipients: [],
  content: Buffer.from("From: Ann <ann@fabrikam.test>\r\n\r\nHello\r\n"),
  connector: undefined,
};

async function run(connectors: string, changes: Partial<SenderInquiry> = {}) {
  const organization = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
receiveConnectors: ${connectors}
`);
  const tools = { organization, checkSender: async () => FOUND };
  for await (const check of checkSender({ ...INQUIRY, ...changes }, tools)) return check;
  return assert.fail();
}

const STRICT = '{ name: Strict, bindings: ["0.0.0.0:25"], dmarcAction: Reject }';
const OFF = '{ name: Off, bindings: ["0.0.0.0:26"], senderAuthenticationEnabled: false }';

test("a saved message is decided as the connector would", async () => {
  const check = await run(`[${OFF}, ${STRICT}]`);
  assert.equal(check.connector, "Strict");
  assert.match(check.decision, /^550 5\.7\.1 .*fabrikam\.test/);
  const steps = senderSteps(check).map(
    ({ name, verdict, decision }) => `${verdict} ${name}: ${decision.slice(0, 9)}`,
  );
  assert.deepEqual(steps, [
    "Pass Client's name (iprev): pass",
    "Fail SPF: fail",
    "Pass DKIM: pass",
    "Info ARC: none",
    "Fail DMARC: fail",
    "Pass Author: ann@fabri",
    "Fail Result: 550 5.7.1",
  ]);
});

test("a connector that checks nobody lets it in; content may be missing", async () => {
  const check = await run(`[${OFF}, ${STRICT}]`, { connector: "Off", content: undefined });
  assert.deepEqual([check.connector, check.decision], [undefined, "accept"]);
  assert.deepEqual(
    senderSteps(check).map(({ name }) => name),
    ["Client's name (iprev)", "SPF", "Result"],
  );
});
