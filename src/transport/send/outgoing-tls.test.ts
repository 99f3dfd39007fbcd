import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "../../base/result.ts";
import type { MxPlan } from "../../dns/mx-plan.ts";
import type { Domain } from "../../mail/address.ts";
import { FakePeer, type PeerScript } from "../../net/client-peer.fake.ts";
import { createClientTlsContext } from "../../net/client-tls-context.fake.ts";
import type { SendConnector } from "../../org/organization.ts";
import type { TlsPolicy } from "../../org/tls-settings.ts";
import { createTestAuthority, sha256Record } from "../../tls/test-authority.fake.ts";
import type { Delivery } from "../queue/courier.ts";
import { createTlsGuard } from "./hop-tls.ts";
import { FakeLane, makeConnector, makeDelivery } from "./lane.fake.ts";
import type { SendDependencies } from "./send-dependencies.ts";
import { type FakeDependencies, fakeDependencies, makeOrganization } from "./send-harness.fake.ts";
import { createSmtpCourier } from "./smtp-courier.ts";

const root = await createTestAuthority("Root");
const good = await root.issue({ names: ["mx.a.test"] });
const other = await root.issue({ names: ["mx.b.test"] });
const client = await root.issue({ names: ["us.test"], purpose: "client" });
const contextOf = ({ pem, key }: typeof good) =>
  createClientTlsContext({ certificate: pem + root.pem, key, authorities: [root.pem] });
const trusting = createClientTlsContext({ authorities: [root.pem] });

const TLS_OFFER = ["PIPELINING", "STARTTLS"];
const GOOD: PeerScript = { offers: TLS_OFFER, secureContext: contextOf(good) };
const OTHER: PeerScript = { offers: TLS_OFFER, secureContext: contextOf(other) };
const CLEAR: PeerScript = { offers: ["PIPELINING"] };
const requireTls = (script: PeerScript): PeerScript => ({
  ...script,
  offers: [...(script.offers ?? []), "REQUIRETLS"],
});

interface Setup {
  readonly scripts: readonly PeerScript[];
  readonly deliveries: readonly Delivery[];
  readonly connector?: Partial<SendConnector>;
  readonly policies?: readonly TlsPolicy[];
  readonly dependencies?: Partial<SendDependencies>;
  /** DNSSEC vouches for the list of hosts, and for the hosts. */
  readonly authenticated?: boolean;
  /** a.test is the smart host of all domains. */
  readonly isSmartHost?: boolean;
  /** The queue is that of mail with `TLS-Required: No`. */
  readonly tlsNotRequired?: true;
}

/** Hosts of a.test are 127.0.0.1, 127.0.0.2, …, all of them mx.a.test by name. */
async function run(setup: Setup) {
  const { scripts, deliveries, authenticated = false, isSmartHost = false } = setup;
  const peers = scripts.map((script) => new FakePeer(script));
  const [first] = peers;
  assert.ok(first);
  await first.listen();
  for (const [index, peer] of peers.entries()) {
    if (index > 0) await peer.listenAt(`127.0.0.${index + 1}`, first.port);
  }
  const addresses = peers.map((_, index) => `127.0.0.${index + 1}`);
  const host = { name: "mx.a.test", addresses, preference: 0, authenticated };
  const plan: MxPlan = { kind: "hosts", hosts: [host], authenticated };
  const base = fakeDependencies({ "a.test": plan });
  const dependencies: FakeDependencies = {
    ...base,
    tlsContext: () => ok(trusting),
    ...setup.dependencies,
  };
  const smartHosts = isSmartHost ? [{ host: "a.test", isAddress: false }] : [];
  const connector = makeConnector({ port: first.port, smartHosts, ...setup.connector });
  const lane = new FakeLane({
    key: {
      deliveryType: isSmartHost ? "SmartHostConnectorDelivery" : "DnsConnectorDelivery",
      nextHopDomain: "a.test",
      nextHopConnector: connector.name,
      ...(setup.tlsNotRequired && { tlsNotRequired: true }),
    },
    organization: { ...makeOrganization([connector]), tlsPolicies: setup.policies ?? [] },
    deliveries,
  });
  const end = await createSmtpCourier(dependencies).run(lane);
  for (const peer of peers) await peer.close();
  return { peers, lane, end, attempts: base.attempts };
}

const DANE_GOOD: Partial<SendDependencies> = {
  lookupTlsa: async () => ({
    kind: "records",
    records: [sha256Record(3, good.pem)],
    baseDomain: "mx.a.test",
  }),
};
const DANE_BAD: Partial<SendDependencies> = {
  lookupTlsa: async () => ({
    kind: "records",
    records: [sha256Record(3, root.pem)],
    baseDomain: "mx.a.test",
  }),
};
const sts = (mode: "enforce" | "testing"): Partial<SendDependencies> => ({
  findSts: async () => ({
    kind: "policy",
    policy: { mode, mx: ["mx.a.test"], maxAgeMs: 1 },
    text: [],
  }),
});
const VALIDATION = { requireTLS: true, tlsAuthLevel: "CertificateValidation" } as const;
const forName = (tlsDomain?: string) => ({
  requireTLS: true,
  tlsAuthLevel: "DomainValidation" as const,
  tlsDomain,
});
const NO_CERTIFICATE = { tlsContext: () => ({ ok: false as const, fault: "no certificate" }) };
const untrusting = { tlsContext: () => ok(createClientTlsContext({})) };

for (const [why, script, connector, changes, want] of [
  ["any certificate where nothing is asked for", OTHER, {}, {}, "relayed"],
  ["a valid certificate", OTHER, VALIDATION, {}, "relayed"],
  ["a certificate of nobody we know", OTHER, VALIDATION, untrusting, "4.7.5"],
  ["the name in tlsDomain", OTHER, forName("mx.b.test"), {}, "relayed"],
  ["any host below tlsDomain", OTHER, forName("*.b.test"), {}, "relayed"],
  ["not the name in tlsDomain", OTHER, forName("b.test"), {}, "4.7.325"],
  ["not the recipients' domain", GOOD, forName(), {}, "4.7.325"],
  ["no TLS where it is required", CLEAR, { requireTLS: true }, {}, "4.7.3"],
  ["STARTTLS ignored, policies too", GOOD, { ignoreSTARTTLS: true }, DANE_BAD, "relayed"],
  ["DANE", GOOD, {}, DANE_GOOD, "relayed"],
  ["DANE not met: never in clear", GOOD, {}, DANE_BAD, "4.7.323"],
  ["DANE met, our own name not", GOOD, forName("mx.b.test"), DANE_GOOD, "4.7.325"],
  ["MTA-STS not met: never in clear", OTHER, {}, sts("enforce"), "4.7.325"],
  ["our certificate is not there", GOOD, {}, NO_CERTIFICATE, "4.7.5"],
] as const) {
  test(`outgoing TLS: ${why}`, async () => {
    const { lane, end, peers } = await run({
      scripts: [script],
      deliveries: [makeDelivery(1)],
      connector,
      dependencies: changes,
      authenticated: true,
    });
    const status = end.kind === "done" ? lane.outcomesOf(1).join().split(" ")[0] : end.fault.status;
    assert.equal(status, want);
    assert.equal(peers[0]?.messages.length, want === "relayed" ? 1 : 0);
    assert.ok(want === "relayed" || peers[0]?.lines.every((line) => !line.includes("MAIL")));
  });
}

for (const [why, script, connector, changes, policies, want] of [
  ["DANE not met", GOOD, {}, DANE_BAD, [], "TLSv1.3"],
  ["DANE, no TLS", CLEAR, {}, DANE_GOOD, [], "clear"],
  ["MTA-STS not met", OTHER, {}, sts("enforce"), [], "TLSv1.3"],
  ["MTA-STS, no TLS", CLEAR, {}, sts("enforce"), [], "clear"],
  ["TLS that the connector requires", CLEAR, { requireTLS: true }, {}, [], "4.7.3"],
  ["DANE that it requires", GOOD, { smtpDaneMode: "Mandatory" }, DANE_BAD, [], "4.7.323"],
  ["a name that it requires", GOOD, forName("mx.b.test"), DANE_BAD, [], "4.7.325"],
  ["a TLS policy of ours", CLEAR, {}, {}, ["EncryptionOnly"], "4.7.3"],
  ["another of them", GOOD, {}, DANE_BAD, ["Dane"], "4.7.323"],
  ["a certificate of ours that is not there", GOOD, {}, NO_CERTIFICATE, [], "4.7.5"],
] as const) {
  test(`TLS-Required: No: ${why}`, async () => {
    const { lane, end, attempts, peers } = await run({
      scripts: [script],
      deliveries: [makeDelivery(1, { message: { tlsNotRequired: true } })],
      connector,
      dependencies: changes,
      policies: policies.map((mode) => ({ name: "a.test", mode, tlsDomain: undefined })),
      authenticated: true,
      tlsNotRequired: true,
    });
    const [message] = peers[0]?.messages ?? [];
    const sent = message && (message.tls ? "TLSv1.3" : "clear");
    assert.equal(end.kind === "hop-failed" ? end.fault.status : sent, want);
    assert.equal(lane.settled.length, sent === undefined ? 0 : 1);
    assert.deepEqual(attempts, [], "no report tells of what was passed over");
  });
}

for (const [why, script, changes] of [
  ["as it should be", GOOD, DANE_GOOD],
  ["without TLS", CLEAR, {}],
  ["that fails", GOOD, DANE_BAD],
  ["that is not even tried", GOOD, NO_CERTIFICATE],
] as const) {
  test(`a connection ${why} counts for reports, unless a report opens it`, async () => {
    const setup = { scripts: [script], dependencies: changes, authenticated: true };
    const { origin } = makeDelivery(1).message;
    const report = makeDelivery(1, { message: { origin: { ...origin, isReport: true } } });
    const { attempts: usual } = await run({ ...setup, deliveries: [makeDelivery(1)] });
    assert.equal(usual.length, 1);
    // Behind a smart host there is no queue of its own for it.
    for (const isSmartHost of [false, true]) {
      const { attempts } = await run({ ...setup, deliveries: [report], isSmartHost });
      assert.deepEqual(attempts, []);
    }
  });
}

test("a host that does not meet the policy leaves the mail to one that does", async () => {
  const setup = { scripts: [OTHER, GOOD], deliveries: [makeDelivery(1)] };
  const { peers, lane, attempts } = await run({ ...setup, dependencies: sts("enforce") });
  assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
  assert.deepEqual(
    peers.map(({ messages }) => messages.length),
    [0, 1],
  );
  assert.deepEqual(
    attempts.map(({ failure, tls, policy }) => [policy.type, failure?.type, tls?.version]),
    [
      ["sts", "certificate-host-mismatch", "TLSv1.3"],
      ["sts", undefined, "TLSv1.3"],
    ],
  );
});

for (const [why, script, changes, want] of [
  ["all is well", GOOD, {}, ["no-policy-found", undefined, "CN=mx.a.test"]],
  [
    "a test would have failed",
    OTHER,
    sts("testing"),
    ["sts", "certificate-host-mismatch", "CN=mx.b.test"],
  ],
  ["nothing to test on", CLEAR, sts("testing"), ["sts", "starttls-not-supported", undefined]],
  ["no TLS", CLEAR, {}, ["no-policy-found", "starttls-not-supported", undefined]],
] as const) {
  test(`what came of it is reported: ${why}`, async () => {
    const setup = { scripts: [script], deliveries: [makeDelivery(1)], dependencies: changes };
    const { lane, attempts } = await run(setup);
    assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
    assert.deepEqual(
      attempts.map(({ policy, failure, tls }) => [policy.type, failure?.type, tls?.certificate]),
      [want],
    );
    assert.equal(attempts[0]?.domain, "a.test");
    assert.equal(attempts[0]?.address, "127.0.0.1");
  });
}

test("a domain's own policy replaces the connector's demands", async () => {
  const { lane } = await run({
    scripts: [CLEAR],
    deliveries: [makeDelivery(1)],
    connector: { requireTLS: true },
    policies: [{ name: "a.test", mode: "Opportunistic", tlsDomain: undefined }],
  });
  assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
});

test("our own certificate is shown to a host that asks for one", async () => {
  const shown: string[] = [];
  const own = contextOf(client);
  const { lane } = await run({
    scripts: [
      {
        offers: TLS_OFFER,
        secureContext: contextOf(good),
        requestsCertificate: (name) => void shown.push(name),
      },
    ],
    deliveries: [makeDelivery(1)],
    connector: { requireTLS: true },
    dependencies: { tlsContext: () => ok(own) },
  });
  assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
  assert.deepEqual(shown, ["CN=us.test"]);
});

test("Domain Security is mutual: the certificate of our name where none is named", async () => {
  const connector = makeConnector({ fqdn: "us.test", domainSecureEnabled: true });
  const base = makeOrganization([connector]);
  const transportConfig = {
    ...base.transportConfig,
    tlsSendDomainSecureList: ["a.test" as Domain],
  };
  const wanted: unknown[] = [];
  const dependencies: Pick<SendDependencies, "tlsContext"> = {
    tlsContext: ({ fqdn }) => {
      wanted.push(fqdn);
      return { ok: false, fault: "no valid certificate" };
    },
  };
  const guard = createTlsGuard({
    connector,
    organization: { ...base, transportConfig },
    routing: "mx",
    published: "heeded",
    names: fakeDependencies(),
    dependencies,
    tlsAttempt: () => {},
  });
  const host = { name: "mx.a.test", addresses: ["192.0.2.1"], preference: 0 };
  const decided = await guard.of("a.test").decide(host, {});
  assert.match(decided.kind === "refuse" ? decided.fault.diagnostic : "", /our own certificate/);
  await guard.of("b.test").decide(host, {});
  assert.deepEqual(wanted, ["us.test", undefined]);
});

const secret = (id: number, sender = "a@x.test") => {
  const plain = makeDelivery(id);
  const envelope = { ...plain.message.envelope, sender, requireTls: true };
  return makeDelivery(id, { message: { envelope: envelope as Delivery["message"]["envelope"] } });
};

for (const [why, scripts, changes, want] of [
  ["a hop that promises it", [requireTls(GOOD)], {}, /^relayed/],
  ["the first hop that promises it", [GOOD, requireTls(GOOD)], {}, /^relayed/],
  ["no hop that promises it", [GOOD], {}, /^failed 550 5\.7\.30/],
  ["no TLS", [CLEAR], {}, /^failed 550 5\.7\.10/],
  ["a certificate for another", [requireTls(OTHER)], {}, /^failed 550 5\.7\.10/],
  ["a certificate of nobody we know", [requireTls(GOOD)], untrusting, /^failed 550 5\.7\.10/],
  [
    "DANE in place of an authority",
    [requireTls(GOOD)],
    { ...untrusting, ...DANE_GOOD },
    /^relayed/,
  ],
] as const) {
  test(`REQUIRETLS: ${why}`, async () => {
    const deliveries = [secret(1), makeDelivery(2)];
    const { lane, peers } = await run({
      scripts,
      deliveries,
      dependencies: changes,
      authenticated: true,
    });
    assert.match(lane.outcomesOf(1).join(), want);
    assert.match(lane.outcomesOf(2).join(), /^relayed/, "others are not concerned");
    const messages = peers.flatMap((peer) => peer.messages);
    const asked = messages.filter(({ mail }) => mail.endsWith(" REQUIRETLS"));
    assert.equal(asked.length, want.source.includes("relayed") ? 1 : 0);
    assert.ok(asked.every(({ tls }) => tls));
  });
}

test("REQUIRETLS: nobody vouches for the host's name", async () => {
  const deliveries = [secret(1)];
  const { lane } = await run({ scripts: [requireTls(GOOD)], deliveries });
  assert.match(lane.outcomesOf(1).join(), /^failed 550 5\.7\.10 .*DNSSEC/);
  const { lane: other } = await run({
    scripts: [requireTls(GOOD)],
    deliveries,
    dependencies: sts("enforce"),
  });
  assert.match(other.outcomesOf(1).join(), /^relayed/);
});

test("REQUIRETLS: a connection made for other mail is not used for it", async () => {
  const { lane, peers } = await run({
    scripts: [GOOD, requireTls(GOOD)],
    deliveries: [makeDelivery(1), secret(2), makeDelivery(3)],
    authenticated: true,
  });
  for (const id of [1, 2, 3]) assert.match(lane.outcomesOf(id).join(), /^relayed/);
  assert.deepEqual(
    peers.map(({ messages }) => messages.length),
    [1, 2],
  );
});

test("REQUIRETLS: a notice asks for it where it can, and goes on where it cannot", async () => {
  const notice = [secret(1, "")];
  const first = await run({ scripts: [requireTls(GOOD)], deliveries: notice, authenticated: true });
  assert.match(first.peers[0]?.messages[0]?.mail ?? "", / REQUIRETLS$/);
  const second = await run({ scripts: [CLEAR], deliveries: notice });
  assert.match(second.lane.outcomesOf(1).join(), /^relayed/);
});

test("REQUIRETLS: a hop that fails for now is tried again, not given up", async () => {
  const { lane, end } = await run({
    scripts: [GOOD, { greeting: "421 later" }],
    deliveries: [secret(1)],
    authenticated: true,
  });
  assert.equal(end.kind, "hop-failed");
  assert.deepEqual(lane.outcomesOf(1), []);
});

for (const [why, script, mode, want] of [
  ["a certificate for the host", GOOD, "DomainValidation", /^relayed/],
  ["a certificate for another", OTHER, "DomainValidation", /^deferred 451 4\.7\.5/],
  ["a valid certificate", OTHER, "CertificateValidation", /^relayed/],
  ["no TLS", CLEAR, "EncryptionOnly", /^deferred 451 4\.7\.321/],
  ["no TLS, none wanted", CLEAR, "None", /^relayed/],
] as const) {
  test(`a recipient's domain wants more than a smart host gives: ${why}`, async () => {
    const deliveries = [1, 2].map((id) =>
      makeDelivery(id, { recipients: ["a@strict.test", "b@lax.test"] }),
    );
    const { lane } = await run({
      scripts: [script],
      deliveries,
      isSmartHost: true,
      policies: [{ name: "strict.test", mode, tlsDomain: undefined }],
    });
    for (const id of [1, 2]) {
      const outcomes = lane.outcomesOf(id).toSorted();
      assert.equal(outcomes.length, 2);
      assert.match(outcomes.at(0) ?? "", want);
      assert.match(outcomes.at(1) ?? "", /^relayed/);
    }
  });
}
