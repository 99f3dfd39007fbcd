// "Making every store call fail, one call site at a time": a whole transport thread runs here over
// a store in memory whose n-th call fails; n goes through every call that the scenario makes.
// Whatever fails, a 250 means that the mail arrives, and a 4xx means that nothing of it remains.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/base/clock.ts";
import { silentDiagnostics } from "../../src/base/diagnostics.ts";
import { createMetrics } from "../../src/base/metrics.ts";
import { createSecretBox } from "../../src/base/secret-box.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { applyRows } from "../../src/org/apply-rows.fake.ts";
import { createDirectory } from "../../src/org/cached-directory.ts";
import { parseConfiguration } from "../../src/org/configuration.ts";
import { createConfigurationRows } from "../../src/org/configuration-rows.ts";
import { createTransport } from "../../src/server/transport.ts";
import type { SessionHandler } from "../../src/smtp/session-handler.ts";
import { MemoryOrganizationStore } from "../../src/store/organization-memory.ts";
import { failingQueueStore, type StoreCall } from "../../src/store/queue-failing.fake.ts";
import { MemoryQueueStore } from "../../src/store/queue-memory.ts";
import { PressureGauge } from "../../src/transport/queue/pressure.ts";

const CONFIGURATION = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
receiveConnectors:
  - name: Relay
    bindings: ["127.0.0.1:2525"]
    permissionGroups: [AnonymousUsers]
    extendedRights: { AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }
sendConnectors:
  - { name: Dead, addressSpaces: ["dead.test"], smartHosts: ["[127.0.0.1]"], port: 1 }
mailboxes:
  - { name: alice, primarySmtpAddress: alice@contoso.test }
  - { name: bob, primarySmtpAddress: bob@contoso.test }
distributionGroups:
  - name: team
    primarySmtpAddress: team@contoso.test
    members: [alice@contoso.test, bob@contoso.test]
`;

interface Scenario {
  readonly name: string;
  readonly recipients: readonly string[];
  readonly bodyBytes: number;
  /** Mailboxes that have the message in the end. */
  readonly mailboxes: readonly string[];
  /** Recipients that wait in the store in the end. */
  readonly waiting: number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "one mailbox",
    recipients: ["alice@contoso.test"],
    bodyBytes: 100,
    mailboxes: ["alice"],
    waiting: 0,
  },
  {
    name: "a message of several pieces",
    recipients: ["alice@contoso.test"],
    bodyBytes: 900_000,
    mailboxes: ["alice"],
    waiting: 0,
  },
  {
    name: "a group",
    recipients: ["team@contoso.test"],
    bodyBytes: 100,
    mailboxes: ["alice", "bob"],
    waiting: 0,
  },
  { name: "a dead hop", recipients: ["x@dead.test"], bodyBytes: 100, mailboxes: [], waiting: 1 },
  {
    name: "no route, and a mailbox",
    recipients: ["x@nowhere.test", "bob@contoso.test"],
    bodyBytes: 100,
    mailboxes: ["bob"],
    waiting: 1,
  },
];

const SECRETS = createSecretBox(Buffer.alloc(32));

async function openWorld(dataDirectory: string, fails: (call: StoreCall) => boolean) {
  const parsed = parseConfiguration(CONFIGURATION, { fileName: "test", hostName: "vm", cores: 1 });
  assert(parsed.ok);
  const organizations = new MemoryOrganizationStore();
  const rows = await createConfigurationRows(parsed.value, organizations, SECRETS);
  await applyRows(organizations, rows);
  const memory = new MemoryQueueStore();
  const { store, calls } = failingQueueStore(memory, fails);
  const { queue, openSession } = createTransport({
    index: 0,
    count: 1,
    clock: systemClock,
    diagnostics: silentDiagnostics,
    metrics: createMetrics(),
    store,
    directory: createDirectory(organizations),
    dataDirectory,
    nameServers: [],
    secrets: createSecretBox(new Uint8Array(32)),
    pressure: new PressureGauge(),
    organization: () => parsed.value.organization,
    mark: () => () => {},
    alone: (_messageId, work) => work(),
    connectivity: () => {},
  });
  const nobody = { blamed: [], suspects: [], elsewhere: async () => [], cleared: () => {} };
  const clean = { wasUnclean: false, beforeId: 1, isReplacement: true, ...nobody };
  await queue.open(clean).catch(() => undefined);
  return { queue, openSession, memory, calls };
}

/** Sends one message through the session's policy; returns the code of the reply to its content. */
async function send(session: SessionHandler, scenario: Scenario): Promise<number> {
  const client = { helo: "client.test", extended: true, tls: undefined };
  const sender = parseAddress("sender@fabrikam.test", { smtpUtf8: false });
  assert(sender !== undefined);
  const envelope = {
    sender,
    body: "7BIT",
    smtpUtf8: false,
    ret: undefined,
    envid: undefined,
  } as const;
  const refused = await session.mail(client, envelope, undefined);
  if (refused !== undefined) return refused.code;
  for (const text of scenario.recipients) {
    const address = parseAddress(text, { smtpUtf8: false });
    assert(address !== undefined);
    const verdict = await session.rcpt(client, {
      address,
      originalRecipient: undefined,
      notify: [],
    });
    if (verdict !== undefined) return verdict.code;
  }
  const sink = session.beginContent(client);
  if ("code" in sink) return sink.code;
  await sink.write(Buffer.from("Subject: numbered\r\n\r\n"));
  for (let sent = 0; sent < scenario.bodyBytes; sent += 50_000) {
    const line = `${"x".repeat(Math.min(50_000, scenario.bodyBytes - sent) - 2)}\r\n`;
    await sink.write(Buffer.from(line));
  }
  const reply = await sink.end();
  session.reset();
  return reply.code;
}

async function delivered(dataDirectory: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of ["alice", "bob"]) {
    const folder = join(dataDirectory, "mailboxes", `${name}@contoso.test`, "Maildir", "new");
    const files = await readdir(folder).catch(() => []);
    names.push(...files.map(() => name));
  }
  return names;
}

/** Runs a scenario whose `failing`-th store call fails, and checks what became of the message. */
async function run(scenario: Scenario, failing: number): Promise<readonly StoreCall[]> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "postrider-failure-"));
  const world = await openWorld(dataDirectory, (call) => call.number === failing);
  const facts = {
    remoteAddress: "127.0.0.1",
    remotePort: 9,
    localAddress: "127.0.0.1",
    localPort: 2525,
  };
  const session = world.openSession(facts);
  assert(!("code" in session));
  const code = await send(session, scenario);
  const isTaken = code === 250;
  assert(isTaken || (code >= 400 && code < 500), `a store failure was answered with ${code}`);
  const want = isTaken ? scenario : { mailboxes: [], waiting: 0 };
  const settled = async () => {
    const queues = await world.memory.listQueues();
    const waiting = queues
      .filter(({ id }) => id !== 0)
      .reduce((sum, one) => sum + one.recipientCount, 0);
    const submitted = queues.filter(({ id }) => id === 0).length;
    const inMailboxes = await delivered(dataDirectory);
    return { inMailboxes, waiting, submitted, contents: world.memory.contentIds.length };
  };
  const failed = () => world.calls.find(({ number }) => number === failing);
  const wanted = () => {
    // Content that cannot be read just now defers its recipient; MessageRetryInterval is long.
    const isDeferred = failed()?.name === "readContent";
    const waiting = isDeferred ? want.waiting + want.mailboxes.length : want.waiting;
    const inMailboxes = isDeferred ? [] : want.mailboxes;
    return { inMailboxes, waiting, submitted: 0, contents: waiting > 0 ? 1 : 0 };
  };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (JSON.stringify(await settled()) === JSON.stringify(wanted())) break;
    await sleep(100);
  }
  assert.deepEqual(
    await settled(),
    wanted(),
    `reply ${code}, failing call ${JSON.stringify(failed())}`,
  );
  await world.queue.stop(1_000);
  await rm(dataDirectory, { recursive: true });
  return world.calls;
}

for (const scenario of SCENARIOS) {
  test(`every store call fails once: ${scenario.name}`, async () => {
    const calls = await run(scenario, 0);
    assert(calls.length >= 3, "the scenario uses the store");
    const numbers = calls.map(({ number }) => number);
    const results = await Promise.allSettled(numbers.map((number) => run(scenario, number)));
    const broken = results.flatMap((result) =>
      result.status === "rejected" ? [String(result.reason)] : [],
    );
    assert.deepEqual(broken, []);
  });
}
