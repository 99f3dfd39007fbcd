import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { fromBuffer } from "yauzl";
import { type ZipFile, zipStream } from "./zip-stream.ts";

type Plain = readonly [name: string, content: Buffer];

async function* filesOf(files: readonly Plain[]): AsyncGenerator<ZipFile> {
  for (const [name, content] of files) {
    const pieces = async function* () {
      for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000);
    };
    yield { name, atMs: Date.UTC(2026, 10, 21, 19, 30, 8), content: pieces() };
  }
}

/** What another reader of such archives finds in it, with its check of sizes and sums. */
async function unpack(archive: Buffer): Promise<readonly (readonly [...Plain, Date])[]> {
  const found: (readonly [...Plain, Date])[] = [];
  await new Promise<void>((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (fault, zip) => {
      if (fault !== null) return reject(fault);
      zip.on("error", reject);
      zip.on("end", resolve);
      zip.on("entry", (entry) =>
        zip.openReadStream(entry, (problem, stream) => {
          if (problem !== null) return reject(problem);
          buffer(stream).then((bytes) => {
            found.push([entry.fileName, bytes, entry.getLastModDate()]);
            zip.readEntry();
          }, reject);
        }),
      );
      zip.readEntry();
    });
  });
  return found;
}

test("what is packed is unpacked by another reader, byte for byte", async () => {
  const files: readonly Plain[] = [
    ["1.eml", Buffer.from("Subject: x\r\n\r\ntext\r\n".repeat(20_000))],
    ["Grüße.eml", randomBytes(100_000)],
    ["empty.eml", Buffer.alloc(0)],
  ];
  const archive = await buffer(zipStream(filesOf(files)));
  const found = await unpack(archive);
  assert.deepEqual(
    found.map(([name, content]) => [name, content.equals(new Map(files).get(name) ?? content)]),
    files.map(([name]) => [name, true]),
  );
  assert.ok(archive.length < 150_000, "text is packed");
});

test("an archive of nothing is one", async () => {
  assert.deepEqual(await unpack(await buffer(zipStream(filesOf([])))), []);
});

test("content that fails makes no archive", async () => {
  async function* broken(): AsyncGenerator<ZipFile> {
    yield {
      name: "x",
      atMs: 0,
      // biome-ignore lint/correctness/useYield: it fails before the first piece
      content: (async function* () {
        throw new Error("it has left the queue");
      })(),
    };
  }
  await assert.rejects(buffer(zipStream(broken())), /left the queue/);
});

test("whoever stops reading lets go of the content too", async () => {
  const ended = Promise.withResolvers<void>();
  const endless = async function* () {
    try {
      for (;;) yield randomBytes(100_000);
    } finally {
      ended.resolve();
    }
  };
  async function* one(): AsyncGenerator<ZipFile> {
    yield { name: "x", atMs: 0, content: endless() };
  }
  let bytes = 0;
  for await (const piece of zipStream(one())) {
    bytes += piece.length;
    if (bytes > 1_000_000) break;
  }
  await ended.promise;
});
