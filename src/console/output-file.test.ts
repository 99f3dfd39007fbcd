import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { takeOutputFile, writeOutputFile } from "./output-file.ts";
import type { ClientRecord } from "./run-client.ts";

const FILE = { path: "Path", content: "Content" };

async function pathOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-file-"));
  context.after(() => rm(folder, { recursive: true }));
  return join(folder, "message.eml");
}

function part(text: string, offset: number): ClientRecord {
  const content = Buffer.from(text, "latin1").toString("base64");
  const value = { Identity: "7", Path: null, Offset: offset, Bytes: text.length, Content: content };
  return { kind: "object", value };
}

async function write(path: string, records: readonly ClientRecord[]) {
  const source = async function* () {
    yield* records;
  };
  const file = { path, content: "Content", pathProperty: "Path" };
  const written: ClientRecord[] = [];
  for await (const record of writeOutputFile(source(), file)) written.push(record);
  return written;
}

test("file: the call keeps its path to itself", () => {
  const call = { cmdlet: "X", parameters: { Identity: "7", Path: "/tmp/x" }, whatIf: false };
  const taken = takeOutputFile({ file: FILE }, call);
  assert.deepEqual(taken.call.parameters, { Identity: "7" });
  assert.equal(taken.outputFile?.path, "/tmp/x");
  assert.equal(takeOutputFile({}, call).call, call);
});

test("file: the pieces are in it byte for byte, and one object says so", async (context) => {
  const path = await pathOf(context);
  const written = await write(path, [part("a\xff\r\n", 0), part("\0z", 4), { kind: "done" }]);
  assert.equal((await readFile(path)).toString("latin1"), "a\xff\r\n\0z");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(written, [
    { kind: "object", value: { Identity: "7", Path: path, Offset: 0, Bytes: 6, Content: null } },
    { kind: "done" },
  ]);
  const [again] = await write(path, [part("b", 0), { kind: "done" }]);
  assert.ok(again?.kind === "failed" && again.code === "conflict");
  assert.equal((await readFile(path)).length, 6);
});

for (const last of [
  [{ kind: "failed", code: "not-found", message: "gone" }],
  [{ kind: "unreachable", message: "gone" }],
  [],
] as const) {
  test(`file: a run that ends with ${last[0]?.kind ?? "nothing"} leaves none`, async (context) => {
    const path = await pathOf(context);
    const written = await write(path, [part("a", 0), ...last]);
    assert.deepEqual(written, last);
    await assert.rejects(access(path), { code: "ENOENT" });
  });
}
