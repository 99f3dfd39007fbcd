import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withLocalFiles } from "./file-input.ts";
import type { ClientRecord, RunCall, RunClient } from "./run-client.ts";

const inputFiles = [
  { path: "FileName", content: "FileData" },
  { path: "KeyFileName", content: "KeyData" },
];

async function openFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-file-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function send(parameters: RunCall["parameters"], cmdlet = "Import-ExchangeCertificate") {
  const calls: RunCall[] = [];
  const server: RunClient = {
    async *run(call) {
      calls.push(call);
      yield { kind: "done" };
    },
  };
  const client = withLocalFiles(server, (name) => (name === "Get-Queue" ? {} : { inputFiles }));
  const records: ClientRecord[] = [];
  const { signal } = new AbortController();
  for await (const record of client.run({ cmdlet, parameters, whatIf: false }, signal)) {
    records.push(record);
  }
  return { sent: calls[0]?.parameters, last: records.at(-1) };
}

test("files: what is in them goes to the server, their paths do not", async (context) => {
  const folder = await openFolder(context);
  const path = join(folder, "mail.pfx");
  await writeFile(path, Buffer.from([0, 255, 13, 10]));
  const { sent, last } = await send({ Name: "mail", FileName: path });
  assert.deepEqual(sent, { Name: "mail", FileData: "AP8NCg==" });
  assert.equal(last?.kind, "done");
  const other = await send({ FileName: path }, "Get-Queue");
  assert.deepEqual(other.sent, { FileName: path });
});

test("files: what cannot be read is not sent", async (context) => {
  const folder = await openFolder(context);
  const large = join(folder, "large");
  await writeFile(large, "");
  await truncate(large, 16 * 1024 * 1024 + 1);
  for (const [parameters, message] of [
    [{ FileName: join(folder, "none") }, /^-FileName: .*none cannot be read: ENOENT/],
    [{ KeyFileName: folder }, /^-KeyFileName: .* cannot be read: EISDIR/],
    [{ FileName: large }, /larger than 16777216 bytes/],
    [{ FileName: large, FileData: "AA==" }, /exclude each other/],
  ] as const) {
    const { sent, last } = await send(parameters);
    assert.equal(sent, undefined);
    assert.ok(last?.kind === "failed" && last.code === "bad-parameter");
    assert.match(last.message, message);
  }
});
