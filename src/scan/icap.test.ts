import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../base/clock.fake.ts";
import { askIcapOptions, formatIcapRequest, IcapOptionsCache, scanByIcap } from "./icap.ts";
import { type IcapOptions, IcapOptionsReader, IcapVerdictReader } from "./icap-answer.ts";
import { contentOf, peerAt, readInPieces, startPeer } from "./scan-peer.fake.ts";

const OPTIONS: IcapOptions = { method: "RESPMOD", previewBytes: undefined, ttlMs: 1000 };

for (const [why, text, want] of [
  [
    "RESPMOD with a preview",
    "ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nPreview: 1024\r\nOptions-TTL: 60\r\n\r\n",
    { method: "RESPMOD", previewBytes: 1024, ttlMs: 60_000 },
  ],
  [
    "REQMOD alone, without a preview",
    "ICAP/1.0 200 OK\r\nMethods: REQMOD\r\n\r\n",
    { method: "REQMOD", previewBytes: undefined, ttlMs: 300_000 },
  ],
  [
    "a preview of a size that no preview has",
    "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nPreview: 999999999\r\nOptions-TTL: 999999999\r\n\r\n",
    { method: "RESPMOD", previewBytes: 65_536, ttlMs: 3_600_000 },
  ],
  ["no such service", "ICAP/1.0 404 ICAP Service not found\r\n\r\n", "refused"],
  ["no method of ours", "ICAP/1.0 200 OK\r\nMethods: LOG\r\n\r\n", "protocol"],
  ["another protocol", "HTTP/1.1 200 OK\r\n\r\n", "protocol"],
  ["cut off", "ICAP/1.0 200 OK\r\n", "protocol"],
] as const) {
  test(`IcapOptionsReader: ${why}`, () => {
    for (const pieceBytes of [1, 3, 10_000]) {
      const read = readInPieces(new IcapOptionsReader(), Buffer.from(text), pieceBytes);
      assert.deepEqual(read.ok ? read.value : read.fault.kind, want);
    }
  });
}

function verdictReader(sent: string, goOn = () => {}): IcapVerdictReader {
  const hash = createHash("sha256");
  return new IcapVerdictReader({
    sent: { bytes: sent.length, digest: () => createHash("sha256").update(sent).digest("hex") },
    returned: { update: (body) => void hash.update(body), digest: () => hash.digest("hex") },
    goOn,
  });
}

const HTTP = "HTTP/1.1 200 OK\r\n\r\n";
const BODY = `Encapsulated: res-hdr=0, res-body=${HTTP.length}\r\n\r\n${HTTP}`;
const BLOCK = "HTTP/1.1 403 Forbidden\r\n\r\n";

for (const [why, text, want] of [
  ["204", "ICAP/1.0 204 Unmodified\r\n\r\n", "clean"],
  ["204 after 100", "ICAP/1.0 100 Continue\r\n\r\nICAP/1.0 204 OK\r\n\r\n", "clean"],
  ["given back as it was", `ICAP/1.0 200 OK\r\n${BODY}5\r\nhello\r\n0\r\n\r\n`, "clean"],
  [
    "given back changed",
    `ICAP/1.0 200 OK\r\n${BODY}5\r\njello\r\n0\r\n\r\n`,
    "modified by the scanner",
  ],
  [
    "given back shorter",
    `ICAP/1.0 200 OK\r\n${BODY}4\r\nhell\r\n0\r\n\r\n`,
    "modified by the scanner",
  ],
  ["given back longer", `ICAP/1.0 200 OK\r\n${BODY}6\r\nhello!\r\n`, "modified by the scanner"],
  [
    "named as a threat",
    `ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=2; Threat=EICAR;\r\n${BODY}`,
    "EICAR",
  ],
  ["named as a virus", `ICAP/1.0 200 OK\r\nX-Virus-ID: W32/X\r\n${BODY}`, "W32/X"],
  ["named, though 204", "ICAP/1.0 204 OK\r\nX-Virus-Name: Y\r\n\r\n", "Y"],
  [
    "named in folded lines",
    `ICAP/1.0 200 OK\r\nX-Violations-Found: 1\r\n\t-\r\n\tZ\r\n\t0\r\n${BODY}`,
    "1 - Z 0",
  ],
  ["no violations", "ICAP/1.0 204 OK\r\nX-Violations-Found: 0\r\n\r\n", "clean"],
  [
    "a block page",
    `ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=${BLOCK.length}\r\n\r\n${BLOCK}`,
    "blocked by the scanner",
  ],
  ["403", "ICAP/1.0 403 Forbidden\r\n\r\n", "blocked by the scanner"],
  ["no body", "ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\n\r\n", "modified by the scanner"],
  ["a body nowhere", "ICAP/1.0 200 OK\r\n\r\n", "protocol"],
  ["500", "ICAP/1.0 500 Server error\r\n\r\n", "refused"],
  ["100 twice", "ICAP/1.0 100 C\r\n\r\nICAP/1.0 100 C\r\n\r\n", "protocol"],
  ["cut off", `ICAP/1.0 200 OK\r\n${BODY}5\r\nhel`, "protocol"],
  ["broken chunks", `ICAP/1.0 200 OK\r\n${BODY}x\r\n`, "protocol"],
] as const) {
  test(`IcapVerdictReader: ${why}, however it is cut`, () => {
    for (const pieceBytes of [1, 2, 7, 10_000]) {
      const read = readInPieces(verdictReader("hello"), Buffer.from(text), pieceBytes);
      if (!read.ok) assert.equal(read.fault.kind, want);
      else assert.equal(read.value.kind === "clean" ? "clean" : read.value.name, want);
    }
  });
}

test("IcapVerdictReader: any bytes give a verdict or a fault; only the same is clean", () => {
  const said = fc.oneof(
    fc.string(),
    fc.string().map((tail) => `ICAP/1.0 200 OK\r\n${tail}`),
    fc.string().map((tail) => `ICAP/1.0 200 OK\r\n${BODY}${tail}`),
  );
  fc.assert(
    fc.property(said, fc.integer({ min: 1, max: 5 }), (text, cut) => {
      const read = readInPieces(verdictReader("hello"), Buffer.from(text), cut);
      assert.ok(!read.ok || read.value.kind === "infected" || text.includes("hello"));
    }),
  );
});

test("formatIcapRequest: the offsets are those of the heads", () => {
  const text = formatIcapRequest(peerAt(1344), {
    service: "avscan?allow204=on",
    options: { ...OPTIONS, previewBytes: 0 },
    content: contentOf("hello"),
    clientAddress: "192.0.2.1",
  });
  const [head = "", ...rest] = text.split("\r\n\r\n");
  assert.match(head, /^RESPMOD icap:\/\/127\.0\.0\.1:1344\/avscan\?allow204=on ICAP\/1\.0\r\n/);
  assert.match(head, /\r\nPreview: 0\r\nX-Client-IP: 192\.0\.2\.1\r\n/);
  const [, header = "", body = ""] = /res-hdr=(\d+), res-body=(\d+)$/.exec(head) ?? [];
  const http = rest.join("\r\n\r\n");
  assert.ok(http.slice(Number(header)).startsWith("HTTP/1.1 200 OK\r\n"));
  assert.equal(http.length, Number(body));
});

async function scan(
  t: Parameters<typeof startPeer>[0],
  how: {
    readonly options?: Partial<IcapOptions>;
    readonly content: string;
    /** What has to have come, and what is said then. */
    readonly talk: readonly (readonly [string, string])[];
  },
): Promise<{ readonly verdict: string; readonly body: string }> {
  let body = "";
  const peer = await startPeer(t, async (talk) => {
    for (const [wanted, said] of how.talk) {
      await talk.until((bytes) => bytes.toString("latin1").endsWith(wanted));
      talk.say(said);
    }
    body = talk.received().toString("latin1").split("\r\n\r\n").slice(3).join("\r\n\r\n");
  });
  const scanned = await scanByIcap(peer, {
    service: "avscan",
    options: { ...OPTIONS, ...how.options },
    content: contentOf(how.content, 4),
  });
  return { verdict: scanned.ok ? scanned.value.kind : scanned.fault.kind, body };
}

const CLEAN = "ICAP/1.0 204 No modifications\r\n\r\n";

test("scanByIcap: a preview, and the rest when it is wanted", async (t) => {
  const { verdict, body } = await scan(t, {
    options: { previewBytes: 6 },
    content: "0123456789",
    talk: [
      ["45\r\n0\r\n\r\n", "ICAP/1.0 100 Continue\r\n\r\n"],
      ["89\r\n0\r\n\r\n", CLEAN],
    ],
  });
  assert.equal(verdict, "clean");
  assert.equal(body, "4\r\n0123\r\n2\r\n45\r\n0\r\n\r\n2\r\n67\r\n2\r\n89\r\n0\r\n\r\n");
});

test("scanByIcap: a verdict after the preview alone; nothing more is sent", async (t) => {
  const { verdict, body } = await scan(t, {
    options: { previewBytes: 4 },
    content: "0123456789",
    talk: [["0\r\n\r\n", CLEAN]],
  });
  assert.deepEqual({ verdict, body }, { verdict: "clean", body: "4\r\n0123\r\n0\r\n\r\n" });
});

test("scanByIcap: a message that fits into the preview says that it is all", async (t) => {
  const talk = [["0; ieof\r\n\r\n", CLEAN]] as const;
  const whole = await scan(t, { options: { previewBytes: 10 }, content: "0123456789", talk });
  assert.equal(whole.verdict, "clean");
  const empty = await scan(t, { options: { previewBytes: 0 }, content: "", talk });
  assert.equal(empty.verdict, "clean");
});

test("scanByIcap: without a preview all of it; what comes back the same is clean", async (t) => {
  const back = `ICAP/1.0 200 OK\r\n${BODY}a\r\n0123456789\r\n0\r\n\r\n`;
  const same = await scan(t, { content: "0123456789", talk: [["0\r\n\r\n", back]] });
  assert.equal(same.verdict, "clean");
  const other = await scan(t, { content: "0123456780", talk: [["0\r\n\r\n", back]] });
  assert.equal(other.verdict, "infected");
});

test("askIcapOptions: asks; a name that is no path is not asked for", async (t) => {
  const peer = await startPeer(t, async (talk) => {
    await talk.until((bytes) => /^OPTIONS icap:\S+\/avscan ICAP\/1\.0\r\n/.test(`${bytes}`));
    talk.say("ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nPreview: 5\r\n\r\n");
  });
  const asked = await askIcapOptions(peer, "avscan");
  assert.equal(asked.ok && asked.value.previewBytes, 5);
  for (const service of ["a b", "a\r\nX: y", ""]) {
    const refused = await askIcapOptions(peer, service);
    assert.equal(refused.ok ? "" : refused.fault.kind, "refused");
  }
});

test("IcapOptionsCache: asks once in the time that the service gives", async (t) => {
  let asked = 0;
  const served = await startPeer(t, (talk) => {
    asked += 1;
    talk.say("ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nOptions-TTL: 60\r\n\r\n");
  });
  const clock = fakeClock();
  const cache = new IcapOptionsCache();
  for (const [spanMs, want] of [
    [0, 1],
    [59_999, 1],
    [1, 2],
  ] as const) {
    clock.advance(spanMs);
    assert.ok((await cache.ask({ ...served, clock }, "avscan")).ok);
    assert.equal(asked, want);
  }
});
