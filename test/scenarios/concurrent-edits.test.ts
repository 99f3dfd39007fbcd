import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { runCommandLine } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { openSocket, type RestClient } from "../harness/rest-client.ts";
import { startServer } from "../harness/server.ts";

async function open(t: TestContext) {
  const configuration = contoso({ smtpPort: await freePort() });
  const server = await startServer(t, { configuration });
  await runCmdlet(server, "New-SendConnector", { Name: "Out", AddressSpaces: "SMTP:x.test;1" });
  return { server, configuration, rest: openSocket(server) };
}

async function tagOf(rest: RestClient, path: string): Promise<string> {
  const { status, headers } = await rest(`GET /api/v1/${path}`);
  assert.equal(status, 200);
  assert.match(headers.etag ?? "", /^"[0-9a-f]{20}"$/);
  return headers.etag ?? "";
}

const OUT = "send-connector?Identity=Out";

test("of two editors by REST the later one is refused, and merges by reading again", async (t) => {
  const { rest, server } = await open(t);
  const seen = await tagOf(rest, OUT);
  const patch = (tag: string, properties: object) =>
    rest("PATCH /api/v1/send-connector", {
      body: { Identity: "Out", ...properties },
      headers: { "if-match": tag },
    });
  assert.equal((await patch(seen, { Comment: "hers" })).status, 200);
  const late = await patch(seen, { MaxMessageSize: "5MB" });
  assert.equal(late.status, 412);
  assert.match(JSON.stringify(late.body), /"conflict".*changed meanwhile by .*\(Comment\)/);
  assert.equal((await patch(`W/${await tagOf(rest, OUT)}`, { Port: 26 })).status, 412);
  assert.equal((await patch("nonsense", { Port: 26 })).status, 400);
  const again = await patch(`"x", ${await tagOf(rest, OUT)}`, { MaxMessageSize: "5MB" });
  assert.equal(again.status, 200);
  const [out] = await runCmdlet(server, "Get-SendConnector", { Identity: "Out" });
  assert.equal(out?.["Comment"], "hers");
  assert.equal(out["MaxMessageSize"], "5MB");
  assert.equal(out["Port"], 25);
  const remove = `DELETE /api/v1/${OUT}`;
  assert.equal((await rest(remove, { headers: { "if-match": seen } })).status, 412);
  const now = await tagOf(rest, OUT);
  assert.equal((await rest(remove, { headers: { "if-match": now } })).status, 200);
  assert.equal((await rest(remove, { headers: { "if-match": "*" } })).status, 404);
});

test("the command line is refused in the same way", async (t) => {
  const { server } = await open(t);
  const [out] = await runCmdlet(server, "Get-SendConnector", { Identity: "Out" });
  const set = (comment: string) =>
    runCommandLine([
      ...["Set-SendConnector", "Out", "-Comment", comment, "-IfMatch", textOf(out?.["ETag"])],
      ...["--data-dir", server.dataFolder],
    ]);
  assert.equal((await set("one")).code, 0);
  const { code, stderr } = await set("two");
  assert.equal(code, 1);
  assert.match(stderr, /send connector "Out" has been changed meanwhile by .* \(Comment\)/);
});

test("after a restart objects have the tags that they had", async (t) => {
  const { server, rest } = await open(t);
  await runCmdlet(server, "New-Mailbox", {
    Name: "zoe",
    PrimarySmtpAddress: "zoe@contoso.test",
    Password: "correct horse battery",
  });
  const paths = [OUT, "mailbox?Identity=zoe", "mailbox?Identity=alice", "transport-config"];
  const before = await Promise.all(paths.map((path) => tagOf(rest, path)));
  await server.terminate();
  await server.start();
  const after = await Promise.all(paths.map((path) => tagOf(openSocket(server), path)));
  assert.deepEqual(after, before);
  assert.equal(new Set(after).size, paths.length);
});
