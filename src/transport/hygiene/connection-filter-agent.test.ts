import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { openResolver } from "../../dns/resolver.ts";
import { fakeDnsTransport, type Zone } from "../../dns/zone.fake.ts";
import type { AgentSession } from "../agents/receive-agent.ts";
import {
  type FakeSession,
  fakeSession,
  headerSubject,
  hearsSession,
  recipientSubject,
} from "./agent-session.fake.ts";
import { connectionFilterAgent } from "./connection-filter-agent.ts";

const NOW_MS = Date.parse("2026-06-01T00:00:00Z");

function open(zone: Zone = {}, blocked: readonly string[] = []) {
  const clock = fakeClock(NOW_MS);
  const servers = [{ address: "192.0.2.53", port: 53 }];
  const exchange = fakeDnsTransport(zone, new Map());
  const agent = connectionFilterAgent({
    clock,
    resolver: openResolver({ servers, exchange, clock }),
    reputation: { isBlocked: (address) => blocked.includes(address) },
  });
  /** What is answered at MAIL and RCPT: why, "allowed", or "". */
  const visit = async (facts: FakeSession, mail: { from?: string; to?: string } = {}) => {
    const session = fakeSession(facts);
    if (!hearsSession(agent, session)) return "not heard";
    const first = await agent.on.OnConnect?.(session);
    if (first?.kind === "accept" && first.findings?.isAllowed) return "allowed";
    const subject = recipientSubject(session, mail);
    const second = await agent.on.OnMailCommand?.(subject);
    if (second?.kind === "accept" && second.findings?.isAllowed) return "allowed";
    const third = await agent.on.OnRcptCommand?.(subject);
    return third?.kind === "refuse" ? `${third.reason}: ${third.data}` : "";
  };
  const headers = async (session: AgentSession, header: string, to = "bob@contoso.test") => {
    const { recipient } = recipientSubject(session, { to });
    const subject = headerSubject(session, { from: "", recipients: [recipient], header });
    const answer = await agent.on.OnEndOfHeaders?.(subject);
    if (answer?.kind === "refuse") return `${answer.reason}: ${answer.data}`;
    return answer?.kind === "accept" && answer.findings?.isAllowed ? "allowed" : "";
  };
  return { visit, headers };
}

const LISTS = `
ipAllowListEntries: [{ name: 192.0.2.7 }]
ipBlockListEntries:
  - { name: 192.0.2.0/24 }
  - { name: 198.51.100.1, expirationTime: "2026-05-31T00:00:00Z" }
`;

for (const [why, facts, want] of [
  ["the allow list comes first", { remoteAddress: "192.0.2.7" }, "allowed"],
  ["the block list", { remoteAddress: "192.0.2.8" }, "LocalBlockList: 192.0.2.0/24"],
  ["an entry that has expired", { remoteAddress: "198.51.100.1" }, ""],
  ["who has logged on", { remoteAddress: "192.0.2.8", isAuthenticated: true }, "not heard"],
] as const) {
  test(`${why}: ${want}`, async () => {
    assert.equal(await open().visit({ yaml: LISTS, ...facts }), want);
  });
}

test("what is internal is looked at where that is asked for", async () => {
  const yaml = `${LISTS}ipBlockListConfig: { internalMailEnabled: true }`;
  const facts = { yaml, remoteAddress: "192.0.2.8", isAuthenticated: true };
  assert.equal(await open().visit(facts), "LocalBlockList: 192.0.2.0/24");
});

test("nobody is heard who no list can be about", async () => {
  assert.equal(await open().visit({}), "not heard");
  const blocked = open({}, ["192.0.2.1"]);
  assert.equal(await blocked.visit({}), "MachineBlockList: 192.0.2.1");
  assert.equal(await blocked.visit({ yaml: "ipBlockListConfig: { enabled: false }" }), "not heard");
});

const PROVIDERS = `
ipAllowListProviders: [{ name: Good, lookupDomain: wl.test, anyMatch: true }]
ipBlockListProviders: [{ name: Bad, lookupDomain: bl.test }]
ipBlockListProvidersConfig: { bypassedRecipients: [postmaster@contoso.test] }
`;
const ZONE: Zone = {
  "1.2.0.192.bl.test": { A: ["127.0.0.2"] },
  "2.2.0.192.bl.test": { A: ["127.0.0.2"] },
  "2.2.0.192.wl.test": { A: ["127.0.0.1"] },
  "3.2.0.192.bl.test": { fault: "silent" },
};

for (const [address, to, want] of [
  ["192.0.2.1", "bob@contoso.test", "BlockListProvider: Bad 127.0.0.2"],
  ["192.0.2.1", "Postmaster@contoso.test", ""],
  ["192.0.2.2", "bob@contoso.test", "allowed"],
  ["192.0.2.4", "bob@contoso.test", ""],
] as const) {
  test(`lists in DNS about ${address} for ${to}: ${want}`, async () => {
    const { visit } = open(ZONE);
    assert.equal(await visit({ yaml: PROVIDERS, remoteAddress: address }, { to }), want);
  });
}

const BEHIND = `${PROVIDERS}${LISTS.replace("192.0.2.0/24", "203.0.113.0/24")}
transportConfig: { internalSMTPServers: [10.0.0.0/8] }
`;

for (const [address, to, want] of [
  ["203.0.113.9", "bob@contoso.test", "LocalBlockList: 203.0.113.0/24"],
  ["192.0.2.7", "bob@contoso.test", "allowed"],
  ["192.0.2.1", "bob@contoso.test", "BlockListProvider: Bad 127.0.0.2"],
  ["192.0.2.1", "postmaster@contoso.test", ""],
  ["192.0.2.2", "bob@contoso.test", "allowed"],
  ["192.0.2.4", "bob@contoso.test", ""],
] as const) {
  test(`behind a server of ours, ${address} for ${to}: ${want}`, async () => {
    const { visit, headers } = open(ZONE);
    const facts = { yaml: BEHIND, remoteAddress: "10.0.0.1" };
    assert.equal(await visit(facts), "", "the server itself is not judged");
    const header = `Received: from a (a [${address}]) by edge.contoso.test; date\r\n`;
    assert.equal(await headers(fakeSession(facts), header, to), want);
  });
}
