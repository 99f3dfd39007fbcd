import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { openTrackingIndex, removeTrackingIndex } from "../store/tracking-index-sqlite.ts";
import { addressPattern, partPattern, wildcardPattern } from "./text-pattern.ts";
import { TrackingIndex } from "./tracking-index.ts";
import { SAMPLE_MS, sampleLine, sampleLog } from "./tracking-lines.fake.ts";
import { matchesQuery, type TrackingQuery } from "./tracking-query.ts";
import { parseTrackingLine, type TrackingRecord } from "./tracking-record.ts";
import { type SearchOrder, TrackingSearch } from "./tracking-search.ts";

const clock = fakeClock();
const GONE = { force: true };
let directory = "";
let index: TrackingIndex;
let replaced: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "postrider-tracking-"));
  replaced = [];
  index = openIndex();
});

afterEach(async () => {
  await index.stop();
  rmSync(directory, { recursive: true });
});

function openIndex(): TrackingIndex {
  const path = join(directory, "tracking.db");
  return new TrackingIndex({
    directory,
    openStore: () => openTrackingIndex(path, (reason) => replaced.push(reason)),
    removeStore: () => removeTrackingIndex(path),
    clock,
    diagnostics: silentDiagnostics,
    busyShare: () => 0,
    indexed: () => undefined,
  });
}

async function reopen(): Promise<void> {
  await index.stop();
  index = openIndex();
}

function writeLog(number: number, lines: readonly string[]): void {
  writeFileSync(join(directory, `MSGTRK20260301-${number}.LOG`), sampleLog(lines));
}

function update(rebuild = false): Promise<number> {
  return index.update({ rebuild, progress: () => true });
}

function find(query: TrackingQuery, order: SearchOrder = "oldestFirst"): TrackingRecord[] {
  const search = new TrackingSearch({ index, clock }, query, order);
  const found: TrackingRecord[] = [];
  for (;;) {
    const { records, finished, doneBytes, totalBytes } = search.next();
    found.push(...records);
    assert.ok(doneBytes <= totalBytes);
    if (finished) return found;
  }
}

const idsOf = (records: readonly TrackingRecord[]) =>
  records.map(({ internalMessageId }) => internalMessageId);

/** Three files of a hundred messages; the third is the one being written. */
function writeThree(): void {
  for (const file of [1, 2, 3]) {
    const lines = Array.from({ length: 100 }, (_, at) => {
      const id = file * 1000 + at;
      return sampleLine(
        {
          "internal-message-id": String(id),
          "message-id": `<m${id}@contoso.test>`,
          "network-message-id": `00000000-0000-4000-8000-00000000${id}`,
          "sender-address": `s${at}@contoso.test`,
          "return-path": `bounce+${at}@lists.contoso.test`,
          "recipient-address": `r${at % 10}@fabrikam.test;Other${at}@Wingtip.test`,
          "recipient-count": "2",
          "related-recipient-address": at === 5 ? "team@contoso.test" : "",
          "message-subject": at === 7 ? 'Grüße, "quoted"' : `Report ${at}`,
          "event-id": at % 4 === 0 ? "FAIL" : "SEND",
          "client-ip": `192.0.2.${at % 5}`,
          "original-client-ip": "198.51.100.1",
        },
        id,
      );
    });
    writeLog(file, lines);
  }
}

const QUERIES: readonly (readonly [string, TrackingQuery, number])[] = [
  ["sender", { sender: addressPattern("S7@Contoso.test") }, 3],
  ["return path", { sender: addressPattern("bounce+7@lists.contoso.test") }, 3],
  ["domain of a sender", { sender: addressPattern("*@lists.contoso.test") }, 300],
  ["part of a sender", { sender: addressPattern("s7@con*") }, 3],
  ["domain without a star", { sender: addressPattern("@lists.contoso.test") }, 300],
  ["second recipient", { recipients: [addressPattern("other12@wingtip.test")] }, 3],
  [
    "any of two",
    { recipients: ["other1@wingtip.test", "r3@fabrikam.test"].map(addressPattern) },
    33,
  ],
  ["related recipient", { recipients: [addressPattern("team@contoso.test")] }, 3],
  ["part of a recipient", { recipients: [addressPattern("wingtip")] }, 300],
  ["message id", { messageId: wildcardPattern("<M2007@contoso.test>") }, 1],
  ["bare message id", { messageId: wildcardPattern("m2007@contoso.test") }, 1],
  ["pattern of message ids", { messageId: wildcardPattern("<m200*") }, 10],
  ["internal id", { internalMessageId: "3005" }, 1],
  ["network id", { networkMessageIds: ["00000000-0000-4000-8000-000000002042"] }, 1],
  ["client address", { fromIp: wildcardPattern("192.0.2.3") }, 60],
  ["original client address", { fromIp: wildcardPattern("198.51.100.1") }, 300],
  ["subject", { subject: partPattern('grüßE, "quo') }, 3],
  ["event", { eventIds: ["fail"] }, 75],
  ["two events that are rare", { eventIds: ["FAIL", "DROP"] }, 75],
  ["two events", { eventIds: ["FAIL", "SEND"] }, 300],
  ["start is in, end is out", { startMs: SAMPLE_MS + 1000, endMs: SAMPLE_MS + 1010 }, 10],
  ["sender or recipient", { participant: addressPattern("s7@contoso.test") }, 3],
  ["domain of either", { participant: addressPattern("@lists.contoso.test") }, 300],
  ["sender and time", { sender: addressPattern("s7@contoso.test"), startMs: SAMPLE_MS + 2007 }, 2],
  [
    "sender and recipient",
    {
      sender: addressPattern("s7@contoso.test"),
      recipients: [addressPattern("r8@fabrikam.test")],
    },
    0,
  ],
  ["nobody", { sender: addressPattern("nobody@contoso.test") }, 0],
];

test("searches find the same with an index, without one, and in both orders", async () => {
  writeThree();
  const wanted = QUERIES.map(([name, query, count]) => {
    const found = idsOf(find(query));
    assert.equal(found.length, count, name);
    assert.deepEqual(found, found.toSorted(), name);
    return found;
  });
  await update();
  assert.equal(index.status().segments, 2);
  for (const [at, [name, query]] of QUERIES.entries()) {
    assert.deepEqual(idsOf(find(query)), wanted[at], name);
    assert.deepEqual(idsOf(find(query, "newestFirst")), wanted[at]?.toReversed(), name);
  }
  await reopen();
  for (const [at, [name, query]] of QUERIES.entries()) {
    assert.deepEqual(idsOf(find(query)), wanted[at], `${name} after a restart`);
  }
});

test("an event is found as soon as its line is whole", async () => {
  writeThree();
  await update();
  const line = sampleLine({ "internal-message-id": "9999", "sender-address": "new@contoso.test" });
  const path = join(directory, "MSGTRK20260301-3.LOG");
  appendFileSync(path, line.slice(0, 80));
  const query = { sender: addressPattern("new@contoso.test") };
  assert.deepEqual(find(query), []);
  appendFileSync(path, line.slice(80));
  assert.deepEqual(idsOf(find(query)), ["9999"]);
});

test("files that are gone, cut off, written over or changed are found to be", async () => {
  writeThree();
  writeLog(4, []);
  await update();
  assert.deepEqual(index.status().indexedEvents, 300);
  rmSync(join(directory, "MSGTRK20260301-1.LOG"));
  const second = join(directory, "MSGTRK20260301-2.LOG");
  truncateSync(second, 10_000);
  const replacement = [sampleLine({ "internal-message-id": "1", "sender-address": "x@y.test" })];
  writeLog(3, replacement.concat(Array(90).fill(sampleLine({}))));
  await update();
  assert.equal(index.status().files, 3);
  assert.deepEqual(idsOf(find({ sender: addressPattern("x@y.test") })), ["1"]);
  assert.equal(find({ internalMessageId: "1005" }).length, 0);
  assert.equal(find({ internalMessageId: "2005" }).length, 1);
  assert.equal(find({ internalMessageId: "2090" }).length, 0);
});

test("a damaged index is thrown away and built again", async () => {
  writeThree();
  await update();
  await index.stop();
  writeFileSync(join(directory, "tracking.db"), "this is no database at all".repeat(1000));
  index = openIndex();
  assert.equal(replaced.length, 1);
  assert.equal(find({ internalMessageId: "1005" }).length, 1);
  await update();
  assert.equal(index.status().segments, 2);
  assert.equal(find({ internalMessageId: "1005" }).length, 1);
});

test("a rebuild begins anew and says how far it is; it can be ended", async () => {
  writeThree();
  await update();
  const seen: number[] = [];
  const total = await index.update({
    rebuild: true,
    progress: ({ done, total: all }) => {
      assert.ok(done <= all);
      seen.push(done);
      return true;
    },
  });
  const sizes = [1, 2].map((at) => statSync(join(directory, `MSGTRK20260301-${at}.LOG`)).size);
  assert.equal(
    total,
    sizes.reduce((sum, size) => sum + size),
  );
  assert.equal(seen.length, 3);
  assert.equal(await index.update({ rebuild: true, progress: () => false }), 0);
  assert.equal(index.status().segments, 0);
  assert.equal(find({ internalMessageId: "1005" }).length, 1);
});

test("a file larger than a segment is indexed in pieces, the newest but for its end", async () => {
  const pad = "x".repeat(900);
  const lines = Array.from({ length: 26_000 }, (_, at) =>
    sampleLine({ "internal-message-id": String(at), "message-subject": pad }, at),
  );
  writeLog(1, lines);
  await update();
  const { segments, indexedEvents, logBytes, indexedBytes } = index.status();
  assert.equal(segments, 3);
  assert.ok(logBytes - indexedBytes < 12e6 && indexedEvents < 26_000);
  for (const id of ["0", "7000", "14000", "25999"]) {
    assert.deepEqual(idsOf(find({ internalMessageId: id })), [id]);
  }
  assert.equal(find({}).length, 26_000);
  assert.deepEqual(idsOf(find({ startMs: SAMPLE_MS + 25_998 })), ["25998", "25999"]);
});

test("a line of thousands of recipients is found and read", async () => {
  const many = Array.from({ length: 5000 }, (_, at) => `recipient-${at}@fabrikam.test`);
  const fields = { "recipient-address": many.join(";"), "recipient-count": String(many.length) };
  writeLog(1, [sampleLine({}), sampleLine(fields), sampleLine({})]);
  writeLog(2, []);
  await update();
  const found = find({ recipients: [addressPattern("recipient-4999@fabrikam.test")] });
  assert.deepEqual(found[0]?.recipients.length, 5000);
});

test("index and plain reading agree on whatever a log holds (property)", async () => {
  const word = fc.constantFrom("a", "B", "é", "É", '"', ";", ",", "x y", "");
  const address = fc
    .tuple(word, word, fc.constantFrom("one.test", "Two.test"))
    .map(([left, right, domain]) => `${left}${right}@${domain}`);
  const line = fc
    .record({ sender: address, to: fc.array(address, { minLength: 1, maxLength: 3 }), id: word })
    .map(({ sender, to, id }) =>
      sampleLine({
        "sender-address": sender,
        "return-path": "<>",
        "recipient-address": (to.length === 1
          ? to
          : to.map((one) => one.replaceAll(";", ","))
        ).join(";"),
        "recipient-count": String(to.length),
        "message-id": `<${id}>`,
      }),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 20 }),
      fc.array(line, { maxLength: 5 }),
      fc.constantFrom("sender", "recipients", "messageId"),
      fc.tuple(address, word),
      async (sealed, open, kind, [wanted, id]) => {
        const query: TrackingQuery =
          kind === "sender"
            ? { sender: addressPattern(wanted) }
            : kind === "recipients"
              ? { recipients: [addressPattern(wanted)] }
              : { messageId: wildcardPattern(`<${id}>`) };
        const expected = [...sealed, ...open]
          .map((text) => parseTrackingLine(text.trimEnd()))
          .filter((record) => record !== undefined && matchesQuery(query, record));
        // In the same millisecond and of the same length, files would seem to be the last run's.
        for (const at of [1, 2]) rmSync(join(directory, `MSGTRK20260301-${at}.LOG`), GONE);
        await update();
        writeLog(1, sealed);
        writeLog(2, open);
        assert.deepEqual(find(query), expected);
        await update(true);
        assert.deepEqual(find(query), expected);
      },
    ),
    { numRuns: 150 },
  );
});
