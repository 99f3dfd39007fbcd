import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import type { Result } from "../../src/base/result.ts";
import { type MalwareVerdict, scanByClamd } from "../../src/scan/clamd.ts";
import { IcapOptionsCache, scanByIcap } from "../../src/scan/icap.ts";
import type { MilterCommand } from "../../src/scan/milter-command.ts";
import { type MilterAnswer, MilterSession } from "../../src/scan/milter-session.ts";
import { scanByRspamd } from "../../src/scan/rspamd.ts";
import type { ScanFault } from "../../src/scan/scan-fault.ts";
import type { ScanContent, ScanPeer } from "../../src/scan/scan-peer.ts";
import { scanBySpamd } from "../../src/scan/spamd.ts";
import {
  EICAR,
  GTUBE,
  startClamd,
  startIcap,
  startOpenDkim,
  startPythonMilter,
  startRspamd,
  startSpamd,
} from "../harness/scanners.ts";
import type { Scope } from "../harness/scope.ts";

const HEADER = [
  "From: Ann <ann@client.test>",
  "To: alice@contoso.test",
  "Subject: hello",
  "Date: Fri, 20 Nov 2026 10:00:00 +0000",
  "Message-ID: <1@client.test>",
].join("\r\n");

function peerAt(port: number): ScanPeer {
  return {
    endpoint: { kind: "tcp", host: "127.0.0.1", port },
    clock: systemClock,
    lookup: () => Promise.resolve([]),
    timeoutMs: 60_000,
    connectTimeoutMs: 10_000,
  };
}

/** The text is repeated so often, as the content of a message. */
function message(text: string, times = 1): ScanContent {
  const gap = text.startsWith("Content-Type:") ? "\r\n" : "\r\n\r\n";
  const pieces = [`${HEADER}${gap}`, ...new Array<string>(times).fill(`${text}\r\n`)];
  const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  return {
    bytes,
    async *read() {
      for (const piece of pieces) yield Buffer.from(piece);
    },
  };
}

function attachment(bytes: string): string {
  const head = "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return `${head}${Buffer.from(bytes).toString("base64")}\r\n`;
}

function nameOf(scanned: Result<MalwareVerdict, ScanFault>): string {
  if (!scanned.ok) return `${scanned.fault.kind}: ${scanned.fault.text}`;
  return scanned.value.kind === "infected" ? scanned.value.name : "clean";
}

test("rspamd and spamd know GTUBE, and leave an honest message alone", async (t) => {
  const rspamd = await startRspamd(t);
  const facts = {
    clientAddress: "192.0.2.1",
    helo: "client.test",
    sender: "ann@client.test",
    recipients: ["alice@contoso.test"],
    queueId: "42",
  };
  const rate = (content: ScanContent) => scanByRspamd(peerAt(rspamd.port), { content, facts });
  const spam = await rate(message(GTUBE));
  assert.ok(spam.ok, JSON.stringify(spam));
  assert.equal(spam.value.action, "reject");
  assert.deepEqual(spam.value.symbols, [{ name: "GTUBE", score: 0 }]);
  const honest = await rate(message("how are you?", 20_000));
  assert.ok(honest.ok && honest.value.action === "no action", JSON.stringify(honest));
  const spamd = await startSpamd(t);
  const ask = (content: ScanContent) => scanBySpamd(peerAt(spamd.port), { content });
  const rated = await ask(message(GTUBE));
  assert.ok(rated.ok && rated.value.isSpam && rated.value.score > 900, JSON.stringify(rated));
  assert.ok(rated.value.symbols.includes("GTUBE"));
  const fine = await ask(message("how are you?"));
  assert.ok(fine.ok && !fine.value.isSpam, JSON.stringify(fine));
});

test("clamd finds EICAR, over TCP and its socket, and so does c-icap", async (t) => {
  const clamd = await startClamd(t);
  const path = join(clamd.folder, "socket");
  const icap = await startIcap(t, clamd);
  const options = new IcapOptionsCache();
  const byIcap = (service: string) => async (content: ScanContent) => {
    const offered = await options.ask(peerAt(icap.port), service);
    assert.ok(offered.ok, JSON.stringify(offered));
    return scanByIcap(peerAt(icap.port), { service, options: offered.value, content });
  };
  const scanners = [
    (content: ScanContent) => scanByClamd(peerAt(clamd.port), content),
    (content: ScanContent) =>
      scanByClamd({ ...peerAt(1), endpoint: { kind: "unix", path } }, content),
    byIcap("virus_scan"),
  ];
  for (const scan of scanners) {
    assert.equal(nameOf(await scan(message("hello"))), "clean");
    assert.equal(nameOf(await scan(message("hello", 100_000))), "clean");
    assert.equal(nameOf(await scan(message(EICAR))), "Eicar-Local.UNOFFICIAL");
    assert.equal(nameOf(await scan(message(attachment(EICAR)))), "Eicar-Local.UNOFFICIAL");
    // c-icap begins to give a large one back before it knows, and then breaks off.
    const large = nameOf(await scan(message(`${"x".repeat(70)}\r\n${EICAR}`, 2000)));
    assert.match(large, /^(?:Eicar-Local\.UNOFFICIAL|modified by the scanner)$/);
  }
  // A service that gives everything back as it was says by that that it has nothing against it.
  assert.equal(nameOf(await byIcap("echo")(message("hello", 10_000))), "clean");
});

test("scanners that hang, and that are gone", async (t) => {
  const clamd = await startClamd(t);
  clamd.pause();
  const hanging = await scanByClamd({ ...peerAt(clamd.port), timeoutMs: 300 }, message("hello"));
  assert.match(nameOf(hanging), /^timeout:/);
  clamd.resume();
  assert.equal(nameOf(await scanByClamd(peerAt(clamd.port), message("hello"))), "clean");
  await clamd.kill();
  const gone = await scanByClamd(peerAt(clamd.port), message("hello"));
  assert.match(nameOf(gone), /^unreachable:.*ECONNREFUSED/);
});

async function openMilter(t: Scope, port: number): Promise<MilterSession> {
  const timeouts = { commandTimeoutMs: 30_000, contentTimeoutMs: 30_000 };
  const peer = { ...peerAt(port), ...timeouts, modificationBytesMax: 1_000_000 };
  const opened = await MilterSession.open(peer);
  assert.ok(opened.ok, JSON.stringify(opened));
  t.after(() => opened.value.quit());
  return opened.value;
}

const CLIENT = { family: "4", address: "127.0.0.1", port: 2525 } as const;

/** Tells a whole message; the answer is that of its end, or the first that is no "continue". */
async function tell(
  session: MilterSession,
  given: {
    readonly sender: string;
    readonly fields: readonly (readonly [string, string])[];
    readonly body: string;
  },
): Promise<MilterAnswer> {
  const commands: readonly MilterCommand[] = [
    { kind: "mail", address: `<${given.sender}>`, parameters: ["SIZE=100"] },
    { kind: "rcpt", address: "<alice@contoso.test>", parameters: [] },
    { kind: "data" },
    ...given.fields.map(
      ([name, value]) => ({ kind: "header", name, value: Buffer.from(value) }) as const,
    ),
    { kind: "eoh" },
    { kind: "body", bytes: Buffer.from(given.body) },
    { kind: "eob" },
  ];
  const macros = { i: "42", j: "mx.contoso.test", "{mail_addr}": given.sender };
  for (const command of commands) {
    const answer = await session.ask(command, macros);
    assert.ok(answer.ok, JSON.stringify(answer));
    const isLast = command.kind === "eob";
    if (isLast || answer.value.verdict.kind !== "continue") return answer.value;
  }
  return assert.fail("no end");
}

async function greet(session: MilterSession): Promise<void> {
  const macros = { "{client_addr}": "127.0.0.1", j: "mx.contoso.test" };
  const connected = await session.ask(
    { kind: "connect", host: "client.test", client: CLIENT },
    macros,
  );
  assert.ok(connected.ok && connected.value.verdict.kind === "continue", JSON.stringify(connected));
  await session.ask({ kind: "helo", name: "client.test" }, {});
}

test("OpenDKIM, as a milter, signs a message", async (t) => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const openDkim = await startOpenDkim(t, { domain: "contoso.test", keyPem });
  const session = await openMilter(t, openDkim.port);
  await greet(session);
  const { verdict, modifications } = await tell(session, {
    sender: "alice@contoso.test",
    fields: [
      ["From", " alice@contoso.test"],
      ["Subject", " hello"],
    ],
    body: "hello\r\n",
  });
  assert.match(verdict.kind, /^(?:continue|accept)$/);
  const [added] = modifications;
  assert.ok(added?.kind === "insertHeader", JSON.stringify(modifications));
  assert.equal(added.name, "DKIM-Signature");
  assert.match(added.value, /d=contoso\.test;\s*s=milter;/);
});

test("a milter in Python: every change", async (t) => {
  const milter = await startPythonMilter(t);
  const session = await openMilter(t, milter.port);
  await greet(session);
  const words = [
    ...["add", "insert", "change", "delete", "from", "rcpt", "rcptpar", "unrcpt", "body"],
    ...["quarantine", "progress"],
  ];
  const { verdict, modifications } = await tell(session, {
    sender: "ann@client.test",
    fields: words.map((word) => ["X-Change", ` ${word}`] as const),
    body: "hello\r\n",
  });
  assert.equal(verdict.kind, "continue");
  const space = session.keepsLeadingSpace ? " " : "";
  assert.deepEqual(modifications, [
    { kind: "addHeader", name: "X-Added", value: `${space}at the end` },
    { kind: "insertHeader", index: 0, name: "X-Inserted", value: `${space}folded\n over lines` },
    { kind: "changeHeader", name: "Subject", index: 1, value: `${space}changed` },
    { kind: "changeHeader", name: "X-Delete", index: 2, value: "" },
    { kind: "changeFrom", address: "changed@client.test", parameters: "" },
    { kind: "addRecipient", address: "<bob@contoso.test>", parameters: "" },
    { kind: "addRecipient", address: "<bob@contoso.test>", parameters: "NOTIFY=NEVER" },
    { kind: "deleteRecipient", address: "<alice@contoso.test>" },
    { kind: "replaceBody", bytes: Buffer.from("a new body\r\n") },
    { kind: "quarantine", reason: "looks odd" },
    { kind: "addHeader", name: "X-Body-Bytes", value: `${space}7` },
  ]);
});

test("a milter in Python: every verdict at every step, one message after the other", async (t) => {
  const milter = await startPythonMilter(t);
  const session = await openMilter(t, milter.port);
  await greet(session);
  for (const stage of ["mail", "data", "header", "eoh", "body", "eom"]) {
    for (const [word, want] of [
      ["accept", "accept"],
      ["reject", "reject"],
      ["tempfail", "tempfail"],
      ["discard", "discard"],
      ["reply", "550 5.7.9 no such luck/at "],
      ["later", "451 4.7.9 come back 100%"],
    ] as const) {
      const given = { sender: `${stage}-${word}@client.test`, fields: [["A", " b"]], body: "x" };
      const { verdict } = await tell(session, { ...given, fields: [["A", " b"]] });
      const got =
        verdict.kind === "reply"
          ? `${verdict.reply.code} ${verdict.reply.status} ${verdict.reply.lines.join("/")}`
          : verdict.kind;
      assert.equal(got, want.endsWith("at ") ? `${want}${stage}` : want, `${word} at ${stage}`);
      session.abort();
    }
  }
});
