import assert from "node:assert/strict";
import { test } from "node:test";
import { domain } from "../../mail/address.fake.ts";
import { HeaderScanner, type HeaderSummary } from "../../mail/header.ts";
import {
  type AuthenticationQuestion,
  NO_DMARC,
  type SenderAuthentication,
} from "../../mailauth/sender-authentication.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import { MESSAGE, outgoing, send, setUp } from "./receive-stage.fake.ts";
import { sampleConnector, sampleOrganization } from "./sample-organization.fake.ts";
import { CONTENT_BYTES_MAX, senderIdAgent } from "./sender-id-agent.ts";

const FOUND: SenderAuthentication = {
  spf: { result: "pass", identity: "mailfrom", domain: "fabrikam.test" },
  dkim: [],
  dmarc: { ...NO_DMARC, result: "fail", domain: "fabrikam.test", policy: "reject" },
  arc: { result: "none" },
  iprev: { result: "permerror" },
};

function readHeader(content: string): HeaderSummary {
  const limits = { bytesMax: 1000, fieldsMax: 10, localHosts: [] };
  const scanner = new HeaderScanner({ ...limits, isBinary: false });
  scanner.write(Buffer.from(content));
  return scanner.summary();
}

function stageWith(
  connector: Partial<ReceiveConnector>,
  found: Partial<SenderAuthentication> = {},
) {
  const asked: AuthenticationQuestion[] = [];
  const agent = senderIdAgent(async (question, unread) => {
    asked.push({ ...question, content: await unread?.read() });
    return { ...FOUND, ...found };
  });
  const stage = setUp({ agents: [agent], connector: sampleConnector(connector) });
  return { stage, asked };
}

test("what was found stands above the message, and what claims to be ours is gone", async () => {
  const { stage, asked } = stageWith({});
  const forged = "Authentication-Results: MAIL.contoso.test; dmarc=pass\r\n";
  const theirs = "Authentication-Results: mx.fabrikam.test; spf=pass\r\n";
  assert.match(await send(stage.session(), forged + theirs + MESSAGE), /^250 /);
  const content = outgoing(stage).toString();
  assert.doesNotMatch(content, /MAIL\.contoso/);
  assert.match(content, /^Authentication-Results: mx\.fabrikam\.test; spf=pass\r$/m);
  assert.match(content, /^Authentication-Results: mail\.contoso\.test;\r\n spf=pass /m);
  assert.match(content, /^Received-SPF: Pass\r$/m);
  assert.equal(Buffer.concat(asked[0]?.content ?? []).toString(), forged + theirs + MESSAGE);
});

for (const [why, connector, found, want] of [
  ["by default nothing is refused", {}, {}, /^250 /],
  ["DMARC with p=reject", { dmarcAction: "Reject" }, {}, /^550 5\.7\.1 .*fabrikam\.test/],
  [
    "DMARC with p=none",
    { dmarcAction: "Reject" },
    { dmarc: { ...FOUND.dmarc, policy: "none" } },
    /^250 /,
  ],
  [
    "DMARC that is not known",
    { dmarcAction: "Reject" },
    { dmarc: { ...FOUND.dmarc, result: "temperror" } },
    /^250 /,
  ],
  [
    "several From fields",
    { dmarcAction: "Reject" },
    { dmarc: { ...NO_DMARC, result: "permerror", hasSeveralFrom: true } },
    /^550 5\.7\.1 /,
  ],
  [
    "a domain that would leave its line",
    { dmarcAction: "Reject" },
    { dmarc: { ...FOUND.dmarc, domain: "a\r\n250 b" } },
    /^550 5\.7\.1 [^\r\n]*the author's domain/,
  ],
  ["an address without a name", { rejectOnMissingPtr: true }, {}, /^550 5\.7\.25 /],
  [
    "a name that leads elsewhere",
    { rejectOnMissingPtr: true },
    { iprev: { result: "fail" } },
    /^550 5\.7\.25 /,
  ],
  [
    "a name that is not known",
    { rejectOnMissingPtr: true },
    { iprev: { result: "temperror" } },
    /^250 /,
  ],
] as const) {
  test(`the connector's settings: ${why}`, async () => {
    const { stage } = stageWith(connector, found);
    assert.match(await send(stage.session(), MESSAGE), want);
  });
}

test("what is doubtful about the author, and what SPF says, stands in stamps", async () => {
  const agent = senderIdAgent(async () => FOUND);
  const stage = setUp({
    agents: [agent],
    organization: sampleOrganization({
      senderIdConfig: {
        ...sampleOrganization().senderIdConfig,
        protectedNames: ["Alice Archer"],
        dmarcExemptions: [{ kind: "domain", domain: domain("fabrikam.test") }],
      },
    }),
  });
  const author = 'From: "Archer, Alice" <alice@evil.test>\r\n';
  assert.match(await send(stage.session(), author + MESSAGE), /^250 /);
  const content = outgoing(stage).toString();
  for (const stamp of [
    "SenderIdResult: Pass",
    "PRD: fabrikam.test",
    "Author-Check: MultipleFromFields, ProtectedName",
    "Dmarc-Override: local_policy (fabrikam.test)",
  ]) {
    assert.ok(content.includes(`X-MS-Exchange-Organization-${stamp}\r\n`), stamp);
  }
});

for (const [who, connector] of [
  ["a connector with it turned off", { senderAuthenticationEnabled: false }],
  [
    "a client that may send to any recipient",
    { extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] } },
  ],
  [
    "a client that is spared anti-spam",
    { extendedRights: { AnonymousUsers: ["ms-Exch-Bypass-Anti-Spam"] } },
  ],
  [
    "a client whose network vouches for it",
    { authMechanism: ["ExternalAuthoritative"], permissionGroups: ["ExchangeServers"] },
  ],
] as const) {
  test(`nothing is asked for ${who}`, async () => {
    const { stage, asked } = stageWith({ ...connector, dmarcAction: "Reject" });
    assert.match(await send(stage.session(), MESSAGE), /^250 /);
    assert.deepEqual(asked, []);
    assert.doesNotMatch(outgoing(stage).toString(), /Authentication-Results/);
  });
}

test("of a message past the limit the content is not asked about, its header is", async () => {
  const asked: AuthenticationQuestion[] = [];
  const agent = senderIdAgent(async (question, unread) => {
    asked.push({ ...question, content: await unread?.read() });
    return FOUND;
  });
  const forged = "Authentication-Results: mail.contoso.test; dmarc=pass\r\n";
  const connection = { remoteAddress: "192.0.2.7", remotePort: 1, localAddress: "", localPort: 25 };
  const answer = await agent.on.OnEndOfData?.({
    session: {
      organization: sampleOrganization(),
      connector: sampleConnector(),
      connection,
      remoteAddress: "192.0.2.7",
      logon: "",
      findings: {},
      client: { helo: "client.example", extended: true, tls: undefined },
      rights: new Set(),
      isAuthenticated: false,
    },
    envelope: { sender: "", body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    recipients: [],
    header: readHeader(MESSAGE),
    headerBytes: Buffer.from(forged + MESSAGE),
    edits: [],
    bytes: CONTENT_BYTES_MAX + 1,
    content: () => assert.fail("nobody needs it"),
  });
  assert.deepEqual([asked[0]?.content, asked[0]?.sender], [undefined, ""]);
  assert.equal(answer?.kind, "accept");
  const edits = answer?.kind === "accept" ? answer.edits : [];
  assert.deepEqual(edits?.[0], {
    kind: "removeAt",
    name: "Authentication-Results",
    positions: [0],
  });
});
