import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, type HopMessage, startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import { type ReadNotice, readNotices } from "../harness/notices.ts";
import { run } from "../harness/peers.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { type RawTransaction, submit } from "../harness/transaction.ts";

interface Bench {
  readonly server: TestServer;
  readonly hop: Hop;
  readonly send: (transaction: Omit<RawTransaction, "from" | "to"> & Options) => Promise<void>;
}

interface Options {
  /** Parameters of MAIL. */
  readonly parameters: string;
  readonly to?: string;
}

const PLAIN = ["PIPELINING", "ENHANCEDSTATUSCODES"];

/** A server in front of a hop with these extensions. */
async function openBench(
  t: TestContext,
  extensions: readonly string[],
  sendConnector: Configuration = {},
): Promise<Bench> {
  const hop = await startHop(t, { port: await freePort(), extensions });
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: hop.port,
    sendConnector,
  });
  const server = await startServer(t, { configuration });
  const send: Bench["send"] = async ({ parameters, to, ...rest }) => {
    const from = `<alice@contoso.test> ${parameters}`.trimEnd();
    await submit(relayPort, { ...rest, from, to: [`<${to ?? "someone@fabrikam.test"}>`] });
  };
  return { server, hop, send };
}

async function waitForMessage(hop: Hop): Promise<HopMessage> {
  const message = await eventually({ what: "a message at the hop" }, () => hop.messages[0]);
  assert.equal(hop.messages.length, 1);
  return message;
}

/** The one notice to alice, and that the hop saw no content. */
async function waitForRefusal({ server, hop }: Bench): Promise<ReadNotice> {
  const raw = await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 1 });
  const [notice, ...rest] = await readNotices(raw);
  assert.ok(notice);
  assert.equal(rest.length, 0);
  assert.equal(hop.messages.length, 0);
  assert.ok(!hop.lines.some((line) => /^(?:DATA|BDAT)/.test(line)), hop.lines.join(" | "));
  return notice;
}

// What a receiver would see: headers decoded, each leaf's type, name and decoded bytes (hex).
const DECODER = `
import email, email.policy, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read().decode("ascii").encode("ascii")
    if sys.argv[1] == "wire" else bytes.fromhex(sys.stdin.read()), policy=email.policy.SMTP)
leaves = []
for part in message.walk():
    if part.is_multipart():
        leaves.append([part.get_content_type()])
        continue
    assert sys.argv[1] != "wire" or not part.defects, part.defects
    payload = part.get_payload(decode=True)
    leaves.append([part.get_content_type(), part.get_filename(), payload.hex()])
print(json.dumps({"subject": str(message["Subject"]), "leaves": leaves}))
`;

interface Decoded {
  readonly subject: string;
  readonly leaves: readonly unknown[];
}

/** Reads what went over the wire, which must be ASCII. */
async function decodeWire(content: Buffer): Promise<Decoded> {
  const { code, stdout, stderr } = await run(
    "python3",
    ["-c", DECODER, "wire"],
    content.toString("latin1"),
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

async function decodeOriginal(content: Buffer): Promise<Decoded> {
  const { code, stdout, stderr } = await run(
    "python3",
    ["-c", DECODER, "hex"],
    content.toString("hex"),
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** What a 7-bit hop may be given: ASCII, lines of at most 998 octets, no bare CR or LF, no NUL. */
function assertSevenBit(content: Buffer): void {
  const text = content.toString("latin1");
  assert.match(text, /^[\t\r\n\x20-\x7e]*$/);
  assert.doesNotMatch(text, /\r(?!\n)|(?<!\r)\n/);
  assert.ok(text.split("\r\n").every((line) => line.length <= 998));
}

const EIGHT_BIT = Buffer.from(
  [
    "Message-ID: <eight@contoso.test>",
    "Subject: Eight bits",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="outer"',
    "",
    "preamble",
    "--outer",
    'Content-Type: multipart/alternative; boundary="inner"',
    "Content-Transfer-Encoding: 8bit",
    "",
    "--inner",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "Grüße aus Köln = Cologne",
    ".",
    "From the start",
    "trailing space ",
    "",
    "--inner",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    `<p>${"ä".repeat(400)}</p>`,
    "--inner--",
    "--outer",
    "Content-Type: message/rfc822",
    "Content-Transfer-Encoding: 8bit",
    "",
    "Subject: Inside",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "Füße",
    "--outer",
    'Content-Type: text/plain; charset=us-ascii; name="plain.txt"',
    "",
    "nothing to do here",
    "--outer--",
    "",
  ].join("\r\n"),
);

test("8BITMIME to a hop without it arrives with the same decoded content", async (t) => {
  const bench = await openBench(t, PLAIN);
  await bench.send({ parameters: "BODY=8BITMIME", content: EIGHT_BIT });
  const message = await waitForMessage(bench.hop);
  assert.doesNotMatch(message.mail, /BODY=8BITMIME/);
  assertSevenBit(message.content);
  assert.deepEqual(await decodeWire(message.content), await decodeOriginal(EIGHT_BIT));
});

test("8BITMIME to a hop with it passes byte for byte behind the added header", async (t) => {
  const bench = await openBench(t, [...PLAIN, "8BITMIME"]);
  await bench.send({ parameters: "BODY=8BITMIME", content: EIGHT_BIT });
  const message = await waitForMessage(bench.hop);
  assert.match(message.mail, / BODY=8BITMIME/);
  const body = (content: Buffer) => content.subarray(content.indexOf("\r\n\r\n"));
  assert.deepEqual(body(message.content), body(EIGHT_BIT));
});

const BINARY = (() => {
  const bytes = Buffer.alloc(3000);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 7) % 256;
  const head = [
    "Message-ID: <binary@contoso.test>",
    "Subject: Binary",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="cut"',
    "",
    "--cut",
    "Content-Type: text/plain",
    "",
    "see attachment",
    "--cut",
    'Content-Type: application/octet-stream; name="b.bin"',
    'Content-Disposition: attachment; filename="b.bin"',
    "Content-Transfer-Encoding: binary",
    "",
    "",
  ].join("\r\n");
  return {
    bytes,
    content: Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n--cut--\r\n")]),
  };
})();

for (const [what, extensions, transfer] of [
  ["without anything", PLAIN, "DATA"],
  ["with 8BITMIME", [...PLAIN, "8BITMIME"], "DATA"],
  ["with CHUNKING only", [...PLAIN, "CHUNKING"], "BDAT"],
] as const) {
  test(`BINARYMIME to a hop ${what} arrives with the same decoded bytes`, async (t) => {
    const bench = await openBench(t, extensions);
    await bench.send({ parameters: "BODY=BINARYMIME", content: BINARY.content, chunkBytes: 700 });
    const message = await waitForMessage(bench.hop);
    assert.equal(message.transfer, transfer);
    assert.doesNotMatch(message.mail, /BINARYMIME/);
    assertSevenBit(message.content);
    const { leaves } = await decodeWire(message.content);
    assert.deepEqual(leaves.at(-1), [
      "application/octet-stream",
      "b.bin",
      BINARY.bytes.toString("hex"),
    ]);
  });
}

test("content of many stored pieces is converted as one", async (t) => {
  const bench = await openBench(t, PLAIN);
  const bytes = Buffer.alloc(1_100_000);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * index) >> 7;
  const [head = "", tail = ""] = BINARY.content
    .toString("latin1")
    .split(BINARY.bytes.toString("latin1"));
  const text = head.replace(
    "see attachment",
    "Grüße, ".repeat(30_000).replace(/(.{70})/g, "$1\r\n"),
  );
  const content = Buffer.concat([Buffer.from(text), bytes, Buffer.from(tail)]);
  await bench.send({ parameters: "BODY=BINARYMIME", content, chunkBytes: 100_001 });
  const message = await waitForMessage(bench.hop);
  assertSevenBit(message.content);
  const sent = await decodeOriginal(content);
  assert.deepEqual(await decodeWire(message.content), sent);
  assert.deepEqual(sent.leaves.at(-1), [
    "application/octet-stream",
    "b.bin",
    bytes.toString("hex"),
  ]);
});

test("BINARYMIME to a hop with it passes byte for byte, by BDAT", async (t) => {
  const bench = await openBench(t, [...PLAIN, "8BITMIME", "CHUNKING", "BINARYMIME"]);
  await bench.send({ parameters: "BODY=BINARYMIME", content: BINARY.content, chunkBytes: 700 });
  const message = await waitForMessage(bench.hop);
  assert.equal(message.transfer, "BDAT");
  assert.match(message.mail, / BODY=BINARYMIME/);
  assert.ok(message.content.includes(BINARY.bytes));
});

test("a signed part with 8-bit text is not converted: the sender gets 5.6.3", async (t) => {
  const bench = await openBench(t, PLAIN);
  const content = [
    "Message-ID: <signed@contoso.test>",
    "Subject: Signed",
    "MIME-Version: 1.0",
    "Content-Type: multipart/signed; micalg=pgp-sha256;",
    ' protocol="application/pgp-signature"; boundary="s"',
    "",
    "--s",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "Grüße",
    "--s",
    "Content-Type: application/pgp-signature",
    "",
    "signature",
    "--s--",
    "",
  ].join("\r\n");
  await bench.send({ parameters: "BODY=8BITMIME", content });
  const { recipients } = await waitForRefusal(bench);
  assert.equal(recipients[0]?.["Status"], "5.6.3");
  await waitForRows(bench.server, "<signed@contoso.test>", { event: "FAIL" });
});

test("SMTPUTF8 to a hop without it fails with 5.6.7; the notice names the address", async (t) => {
  const bench = await openBench(t, [...PLAIN, "8BITMIME"]);
  const content = "Message-ID: <utf8@contoso.test>\r\nSubject: Grüße\r\n\r\nx\r\n";
  const to = "jürgen@fabrikam.test";
  await bench.send({ parameters: "BODY=8BITMIME SMTPUTF8", to, content });
  const { recipients, parts } = await waitForRefusal(bench);
  assert.equal(recipients[0]?.["Status"], "5.6.7");
  assert.equal(parts[1], "message/global-delivery-status");
  assert.match(recipients[0]?.["Final-Recipient"] ?? "", /^utf-8;\s*jürgen@fabrikam\.test$/);
});

test("SMTPUTF8 is passed on where offered, and left out where nothing needs it", async (t) => {
  const content = "Message-ID: <utf8@contoso.test>\r\nSubject: Grüße\r\n\r\nx\r\n";
  const to = "jürgen@fabrikam.test";
  const able = await openBench(t, [...PLAIN, "8BITMIME", "SMTPUTF8"]);
  await able.send({ parameters: "BODY=8BITMIME SMTPUTF8", to, content });
  const message = await waitForMessage(able.hop);
  assert.match(message.mail, / SMTPUTF8/);
  assert.deepEqual(message.recipients, [`RCPT TO:<${to}>`]);
  assert.match(message.content.toString(), /^Subject: Grüße\r$/m);
  assert.match(message.content.toString(), /with UTF8SMTP/);
  const unable = await openBench(t, PLAIN);
  const ascii = "Message-ID: <ascii@contoso.test>\r\nSubject: plain\r\n\r\nx\r\n";
  await unable.send({ parameters: "SMTPUTF8", content: ascii });
  assert.doesNotMatch((await waitForMessage(unable.hop)).mail, /SMTPUTF8/);
});

test("a message larger than the hop's SIZE fails with 5.3.4 and is not sent", async (t) => {
  const bench = await openBench(t, [...PLAIN, "SIZE 20000"]);
  const line = `${"x".repeat(70)}\r\n`;
  const head = "Message-ID: <large@contoso.test>\r\nSubject: Large\r\n\r\n";
  await bench.send({ parameters: "", content: head + line.repeat(400) });
  const { recipients } = await waitForRefusal(bench);
  assert.equal(recipients[0]?.["Status"], "5.3.4");
  assert.ok(!bench.hop.lines.some((one) => one.startsWith("MAIL")), bench.hop.lines.join(" | "));
});

test("a message that fits goes with its SIZE", async (t) => {
  const bench = await openBench(t, [...PLAIN, "SIZE 20000"]);
  const content = "Message-ID: <small@contoso.test>\r\n\r\nx\r\n";
  await bench.send({ parameters: "", content });
  const message = await waitForMessage(bench.hop);
  const size = Number(/ SIZE=(\d+)/.exec(message.mail)?.[1]);
  assert.equal(size, message.content.length);
});
