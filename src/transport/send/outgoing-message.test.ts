import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { CONTENT_CHUNK_BYTES, StoreFailure } from "../../store/queue-store.ts";
import type { Delivery } from "../queue/courier.ts";
import { makeDelivery, memoryReader } from "./lane.fake.ts";
import { runAgainst } from "./send-harness.fake.ts";

const ALL = ["PIPELINING", "SIZE 5000", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", "DSN"];
const without = (...names: string[]) => ALL.filter((name) => !names.includes(name));

function envelope(changes: Partial<Envelope>): { readonly envelope: Envelope } {
  return { envelope: { ...makeDelivery(0).message.envelope, ...changes } };
}

async function send(delivery: Delivery, offers: readonly string[]) {
  const { peer, lane } = await runAgainst({ offers }, [delivery]);
  return { message: peer.messages[0], lines: peer.lines, outcomes: lane.outcomesOf(1), lane };
}

test("BDAT carries the content as it is, dots and all, in one chunk", async () => {
  const content = "Subject: x\r\n\r\n.\r\n..\r\nend without a line end";
  const { message, lines, outcomes } = await send(makeDelivery(1, { content }), ALL);
  assert.equal(message?.content, content);
  assert.deepEqual(outcomes, ["relayed 250 2.6.0 queued"]);
  assert.ok(lines.includes(`1: BDAT ${content.length} LAST`));
  assert.ok(!lines.some((line) => line.includes("DATA")));
});

test("header edits are applied as the message is sent", async () => {
  const edits: HeaderEdit[] = [
    { kind: "prepend", text: "Received: by us.test\r\n" },
    { kind: "remove", name: "bcc" },
  ];
  const content = "Bcc: z@z.test\r\nTo: b\r\n\r\nHi\r\n";
  const { message } = await send(makeDelivery(1, { content, message: { edits } }), ["PIPELINING"]);
  assert.equal(message?.content, "Received: by us.test\r\nTo: b\r\n\r\nHi\r\n");
});

test("a message known to be too big is not sent", async () => {
  const fits = makeDelivery(1, { content: "x".repeat(4998).concat("\r\n") });
  assert.deepEqual((await send(fits, ALL)).outcomes, ["relayed 250 2.6.0 queued"]);
  const big = makeDelivery(1, { content: "x".repeat(4999).concat("\r\n") });
  const { outcomes, lines } = await send(big, ALL);
  assert.match(outcomes[0] ?? "", /^failed 552 5\.3\.4 /);
  assert.ok(!lines.some((line) => line.includes("MAIL")));
});

test("edits count for the size", async () => {
  const edits: HeaderEdit[] = [{ kind: "prepend", text: "X: y\r\n" }];
  const content = "x".repeat(4998).concat("\r\n");
  const { outcomes } = await send(makeDelivery(1, { content, message: { edits } }), ALL);
  assert.match(outcomes[0] ?? "", /^failed 552 5\.3\.4 /);
});

for (const [why, offers, want] of [
  ["passed on where offered", ALL, "passed"],
  ["ours where not", without("DSN"), "ours"],
] as const) {
  test(`DSN request: ${why}`, async () => {
    const message = envelope({ ret: "HDRS", envid: "e1" });
    const recipient = { notify: ["SUCCESS"] } as const;
    const { lane, lines } = await send(makeDelivery(1, { message, recipient }), offers);
    const outcome = lane.settled[0]?.outcomes[0]?.outcome;
    assert.equal(outcome?.kind === "relayed" ? outcome.dsn : undefined, want);
    assert.equal(
      lines.some((line) => line.includes("ENVID=e1")),
      want === "passed",
    );
    assert.equal(
      lines.some((line) => line.includes("NOTIFY=SUCCESS")),
      want === "passed",
    );
  });
}

test("SMTPUTF8: a hop without it gets what is ASCII, and only that", async () => {
  const offers = without("SMTPUTF8");
  const utf8 = envelope({ smtpUtf8: true });
  const plain = await send(makeDelivery(1, { message: utf8 }), offers);
  assert.deepEqual(plain.outcomes, ["relayed 250 2.6.0 queued"]);
  assert.ok(plain.lines.every((line) => !line.includes("SMTPUTF8")));
  const header = makeDelivery(1, { message: utf8, content: "Subject: \xe9\r\n\r\nHi\r\n" });
  assert.match((await send(header, offers)).outcomes[0] ?? "", /^failed 553 5\.6\.7 /);
  const sender = envelope({ smtpUtf8: true, sender: "é@x.test" as Address });
  assert.match(
    (await send(makeDelivery(1, { message: sender }), offers)).outcomes[0] ?? "",
    /5\.6\.7/,
  );
  const recipients = ["é@y.test", "b@y.test"];
  const mixed = await send(makeDelivery(1, { message: utf8, recipients }), offers);
  assert.match(mixed.outcomes[0] ?? "", /^failed 553 5\.6\.7 /);
  assert.equal(mixed.outcomes[1], "relayed 250 2.6.0 queued");
});

test("SMTPUTF8: a hop that offers it is told", async () => {
  const message = envelope({ smtpUtf8: true, sender: "é@x.test" as Address });
  const { lines, outcomes } = await send(makeDelivery(1, { message }), ALL);
  assert.deepEqual(outcomes, ["relayed 250 2.6.0 queued"]);
  assert.ok(lines.some((line) => line.includes(" SMTPUTF8")));
});

test("SMTPUTF8: an address that the message has been led to needs it, too", async () => {
  const recipients = ["é@y.test", "b@y.test"];
  const led = await send(makeDelivery(1, { message: envelope({}), recipients }), ALL);
  assert.deepEqual(led.outcomes, ["relayed 250 2.6.0 queued", "relayed 250 2.6.0 queued"]);
  assert.ok(led.lines.some((line) => /MAIL FROM:.* SMTPUTF8/.test(line)));
  const plain = await send(makeDelivery(1, { message: envelope({}) }), ALL);
  assert.ok(plain.lines.every((line) => !line.includes("SMTPUTF8")));
});

const LATIN1 =
  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n" +
  "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe\r\n";

test("8BITMIME to a hop without it is converted", async () => {
  const delivery = makeDelivery(1, { message: envelope({ body: "8BITMIME" }), content: LATIN1 });
  const { message, lines } = await send(delivery, ["PIPELINING"]);
  assert.match(message?.content ?? "", /Content-Transfer-Encoding: (quoted-printable|base64)/i);
  assert.match(message?.content ?? "", /^[\r\n -~]*$/);
  assert.ok(lines.includes("1: MAIL FROM:<a@x.test>"));
});

test("8BITMIME in name only goes as it is", async () => {
  const content = LATIN1.replace("Gr\xfc\xdfe", "Gruesse");
  const delivery = makeDelivery(1, { message: envelope({ body: "8BITMIME" }), content });
  assert.equal((await send(delivery, ["PIPELINING"])).message?.content, content);
});

test("8BITMIME to a hop that has it is declared", async () => {
  const delivery = makeDelivery(1, { message: envelope({ body: "8BITMIME" }), content: LATIN1 });
  const { message, lines } = await send(delivery, ["PIPELINING", "8BITMIME"]);
  assert.equal(message?.content, LATIN1);
  assert.ok(lines.includes("1: MAIL FROM:<a@x.test> BODY=8BITMIME"));
});

test("a signed part is never converted", async () => {
  const content =
    "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b;\r\n" +
    ' protocol="application/pkcs7-signature"\r\n\r\n' +
    `--b\r\n${LATIN1}\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nMII=\r\n--b--\r\n`;
  const delivery = makeDelivery(1, { message: envelope({ body: "8BITMIME" }), content });
  const { outcomes, lines } = await send(delivery, ["PIPELINING"]);
  assert.match(outcomes[0] ?? "", /^failed 554 5\.6\.3 /);
  assert.ok(!lines.some((line) => line.includes("MAIL")));
});

test("BINARYMIME goes by BDAT to a hop that has both, converted to any other", async () => {
  const binary =
    "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n" +
    "Content-Transfer-Encoding: binary\r\n\r\na\rb\nc\0d\n.\r\n";
  const delivery = () =>
    makeDelivery(1, { message: envelope({ body: "BINARYMIME" }), content: binary });
  const as = await send(delivery(), ALL);
  assert.equal(as.message?.content, binary);
  assert.ok(as.lines.some((line) => line.includes("BODY=BINARYMIME")));
  for (const offers of [without("BINARYMIME"), without("CHUNKING"), ["PIPELINING"]]) {
    const { message } = await send(delivery(), offers);
    assert.doesNotMatch(message?.content ?? "", /[^\r]\n|\r[^\n]|\0/);
    assert.match(message?.content ?? "", /Content-Transfer-Encoding: base64/i);
  }
});

/** Content that is not in memory, made as it is read. */
function storedReader(chunks: number, failAt = Number.POSITIVE_INFINITY) {
  const chunk = Buffer.alloc(CONTENT_CHUNK_BYTES, ".line\r\n.");
  const reader = {
    bytes: chunks * chunk.length,
    reads: 0,
    peek(): undefined {},
    read(index: number): Promise<Buffer | undefined> {
      reader.reads += 1;
      if (index >= failAt) return Promise.reject(new StoreFailure("disk", { full: false }));
      return Promise.resolve(index < chunks ? chunk : undefined);
    },
  };
  return reader;
}

for (const offers of [["PIPELINING"], ["PIPELINING", "CHUNKING"], ["CHUNKING"]]) {
  test(`a large message streams, byte for byte (${offers})`, async () => {
    const reader = storedReader(12);
    const { message, outcomes } = await send(makeDelivery(1, { reader }), offers);
    assert.deepEqual(outcomes, ["relayed 250 2.6.0 queued"]);
    const chunks = await Promise.all(Array.from({ length: 12 }, (_, index) => reader.read(index)));
    const want = Buffer.concat(chunks.flatMap((chunk) => chunk ?? [])).toString("latin1");
    const isWhole = want.endsWith("\r\n") || offers.includes("CHUNKING");
    assert.ok(message?.content === (isWhole ? want : `${want}\r\n`));
  });

  test(`content that cannot be read is not sent as if whole (${offers})`, async () => {
    const deliveries = [makeDelivery(1, { reader: storedReader(8, 5) }), makeDelivery(2)];
    const { peer, lane, end } = await runAgainst({ offers }, deliveries);
    assert.equal(end.kind, "done");
    assert.match(lane.outcomesOf(1)[0] ?? "", /^deferred 451 4\.3\.0 /);
    assert.deepEqual(lane.outcomesOf(2), ["relayed 250 2.6.0 queued"]);
    assert.equal(peer.messages.length, 1);
  });

  test(`a refusal on the way ends the sending (${offers})`, async () => {
    const reader = storedReader(400);
    const script = { offers, refuseAfterBytes: 1_000_000 };
    const { peer, lane } = await runAgainst(script, [makeDelivery(1, { reader })]);
    assert.equal(peer.messages.length, 0);
    assert.deepEqual(lane.outcomesOf(1), ["failed 552 5.3.4 too much"]);
    assert.ok(reader.reads < 200, `${reader.reads} reads`);
  });
}

test("small content from the store goes out whole", async () => {
  const bytes = Buffer.from("Subject: y\r\n\r\nHi\r\n");
  const reader = memoryReader(bytes, "store");
  const { message } = await send(makeDelivery(1, { reader }), ["PIPELINING"]);
  assert.equal(message?.content, bytes.toString());
});
