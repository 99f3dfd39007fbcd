import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withFileOutput } from "./file-output.ts";
import type { ClientRecord, RunCall, RunClient } from "./run-client.ts";

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

/** A run of a cmdlet that puts out a file, by a server that answers with these records. */
async function write(
  path: string,
  records: readonly ClientRecord[],
  { whatIf = false, cmdlet = "Export-Message" } = {},
) {
  const calls: RunCall[] = [];
  const server: RunClient = {
    async *run(call) {
      calls.push(call);
      yield* records;
    },
  };
  const client = withFileOutput(server, (name) => (name === "Get-Queue" ? {} : { file: FILE }));
  const written: ClientRecord[] = [];
  const call = { cmdlet, parameters: { Identity: "7", Path: path }, whatIf };
  for await (const record of client.run(call, new AbortController().signal)) written.push(record);
  return { written, sent: calls[0]?.parameters };
}

test("file: with whatIf, and for cmdlets that put out none, there is none", async (context) => {
  const path = await pathOf(context);
  const records: ClientRecord[] = [part("a", 0), { kind: "done" }];
  const planned = await write(path, records, { whatIf: true });
  assert.deepEqual([planned.written, planned.sent], [records, { Identity: "7" }]);
  const other = await write(path, records, { cmdlet: "Get-Queue" });
  assert.deepEqual([other.written, other.sent], [records, { Identity: "7", Path: path }]);
  await assert.rejects(access(path), { code: "ENOENT" });
});

test("file: the pieces are in it byte for byte, and one object says so", async (context) => {
  const path = await pathOf(context);
  const { written, sent } = await write(path, [
    part("a\xff\r\n", 0),
    part("\0z", 4),
    { kind: "done" },
  ]);
  assert.equal((await readFile(path)).toString("latin1"), "a\xff\r\n\0z");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(sent, { Identity: "7" });
  assert.deepEqual(written, [
    { kind: "object", value: { Identity: "7", Path: path, Offset: 0, Bytes: 6, Content: null } },
    { kind: "done" },
  ]);
  const { written: second } = await write(path, [part("b", 0), { kind: "done" }]);
  const [again] = second;
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
    const { written } = await write(path, [part("a", 0), ...last]);
    assert.deepEqual(written, last);
    await assert.rejects(access(path), { code: "ENOENT" });
  });
}
