import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { fakeDirectory } from "../org/directory.fake.ts";
import { organizationOf, sampleMailbox } from "../org/sample-objects.fake.ts";
import { fakeSubmissionQueue } from "../transport/queue/submission.fake.ts";
import { createReceive } from "../transport/receive/receive.ts";
import { relaySteps } from "./open-relay.ts";
import { relayTricks } from "./relay-tricks.ts";

/** Steps for a connector that gives strangers those rights; nobody listens: no real session. */
async function run(extendedRights: string, domainType = "Authoritative") {
  const organization = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test, domainType: ${domainType} }]
receiveConnectors:
  - name: Default Frontend
    bindings: ["127.0.0.1:1"]
    permissionGroups: [AnonymousUsers]
    requireTLS: true
    extendedRights: ${extendedRights}
`);
  const clock = fakeClock();
  const openSession = createReceive({
    organization: () => organization,
    directory: fakeDirectory([sampleMailbox("bob@contoso.test")]),
    queue: fakeSubmissionQueue({ asynchronousIds: false }),
    clock,
    diagnostics: silentDiagnostics,
    count: () => undefined,
    tlsFor: () => undefined,
  });
  const { signal } = new AbortController();
  const steps = [];
  const tools = { organization, openSession, clock, signal };
  for await (const one of relaySteps("203.0.113.1", tools)) steps.push(one);
  return steps;
}

test("a server that relays for nobody refuses every trick, under TLS too", async () => {
  const steps = await run("{}");
  assert.deepEqual(
    steps.filter(({ verdict }) => verdict === "Fail"),
    [],
  );
  assert.equal(steps.at(-1)?.decision, "no open relay");
});

test("one that relays for everybody is found; what our own domain takes is no relay", async () => {
  const steps = await run("{ AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }");
  const failed = steps.filter(({ depth, verdict }) => depth === 1 && verdict === "Fail");
  assert.ok(failed.some(({ name }) => name === "a stranger for a stranger"));
  assert.ok(!failed.some(({ name }) => name === "bang path at our domain"));
  assert.equal(steps.at(-1)?.decision, "OPEN RELAY for anybody");
});

test("what an internal relay domain takes for itself is not passed on", async () => {
  const steps = await run("{}", "InternalRelay");
  const bang = steps.find(({ name }) => name === "bang path at our domain");
  assert.equal(bang?.verdict, "Pass");
  assert.match(bang.source, /a recipient of ours, which goes nowhere else/);
});

test("tricks name nobody who could exist", () => {
  for (const { recipient } of relayTricks("contoso.test", "2001:db8::1")) {
    assert.ok(recipient.includes("elsewhere.invalid"), recipient);
  }
});
