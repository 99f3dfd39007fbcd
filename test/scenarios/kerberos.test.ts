import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { silentDiagnostics } from "../../src/base/diagnostics.ts";
import { GssapiProcess } from "../../src/gssapi/acceptor.ts";
import { startKdc } from "../harness/kdc.ts";
import { temporaryFolder } from "../harness/server.ts";

/** A client of the Kerberos library: each line in is `step`, `wrap` or `unwrap` with base64. */
const INITIATOR = `
import base64, sys, gssapi
from gssapi.raw import ChannelBindings
binding = sys.argv[1].encode()
name = gssapi.Name("smtp@localhost", gssapi.NameType.hostbased_service)
bindings = ChannelBindings(application_data=binding) if binding else None
context = gssapi.SecurityContext(name=name, usage="initiate", channel_bindings=bindings,
    mech=gssapi.MechType.kerberos)
def say(data): print(base64.b64encode(data or b"").decode(), flush=True)
for line in sys.stdin:
    verb, _, text = line.strip().partition(" ")
    data = base64.b64decode(text)
    if verb == "step": say(context.step(data or None))
    elif verb == "wrap": say(context.wrap(data, False).message)
    elif verb == "unwrap": say(context.unwrap(data).message)
`;

async function startInitiator(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
  binding: string,
) {
  const script = join(await temporaryFolder(t), "initiator.py");
  await writeFile(script, INITIATOR);
  // Debian's own Python: the bindings of its packages are nobody else's.
  const child = spawn("/usr/bin/python3", [script, binding], {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (verb: "step" | "wrap" | "unwrap", bytes: Uint8Array = Buffer.alloc(0)) => {
    child.stdin.write(`${verb} ${Buffer.from(bytes).toString("base64")}\n`);
    const answer = await lines.next();
    assert.equal(typeof answer.value, "string", "the initiator has ended");
    return Buffer.from(String(answer.value), "base64");
  };
}

async function startBoth(t: TestContext, bindings: { client: string; server: string | undefined }) {
  const kdc = await startKdc(t, { alice: "correct horse" });
  const previous = process.env["KRB5_CONFIG"];
  process.env["KRB5_CONFIG"] = kdc.environment["KRB5_CONFIG"];
  t.after(() => {
    if (previous === undefined) delete process.env["KRB5_CONFIG"];
    else process.env["KRB5_CONFIG"] = previous;
  });
  const acceptor = new GssapiProcess({
    keytab: kdc.keytab,
    clock: systemClock,
    diagnostics: silentDiagnostics,
  });
  t.after(() => acceptor.close());
  const initiator = await startInitiator(
    t,
    await kdc.logOn("alice", "correct horse"),
    bindings.client,
  );
  const channelBinding = bindings.server === undefined ? undefined : Buffer.from(bindings.server);
  const context = await acceptor.open({ hostName: "localhost", channelBinding });
  t.after(() => context.close());
  return { initiator, context };
}

test("a Kerberos context is accepted, wraps and unwraps with MIT's own client", async (t) => {
  const { initiator, context } = await startBoth(t, { client: "", server: undefined });
  const accepted = await context.accept(await initiator("step"));
  assert.ok(accepted.ok, accepted.ok ? "" : accepted.detail);
  assert.equal(accepted.principal, "alice@CONTOSO.TEST");
  assert.equal(accepted.channelBound, false);
  await initiator("step", accepted.token);
  const wrapped = await context.wrap(Buffer.from([1, 0, 0, 0]));
  assert.deepEqual([...(await initiator("unwrap", wrapped))], [1, 0, 0, 0]);
  const answer = await initiator("wrap", Buffer.from("\u0001\0\0\0alice"));
  assert.equal(Buffer.from((await context.unwrap(answer)) ?? []).toString(), "\u0001\0\0\0alice");
  answer[answer.length - 1] = (answer[answer.length - 1] ?? 0) ^ 1;
  assert.equal(await context.unwrap(answer), undefined);
});

for (const [why, client, server, works, bound] of [
  ["the same on both sides", "tls-server-end-point:abc", "tls-server-end-point:abc", true, true],
  ["another channel", "tls-server-end-point:abc", "tls-server-end-point:xyz", false, false],
  ["a client without", "", "tls-server-end-point:abc", true, false],
] as const) {
  test(`channel binding, ${why}: ${works ? "accepted" : "refused"}`, async (t) => {
    const { initiator, context } = await startBoth(t, { client, server });
    const accepted = await context.accept(await initiator("step"));
    assert.equal(accepted.ok, works, accepted.ok ? "" : accepted.detail);
    if (accepted.ok) assert.equal(accepted.channelBound, bound);
    else assert.match(accepted.detail, /binding/i);
  });
}

test("nonsense is refused with what the library says, and the process lives on", async (t) => {
  const { initiator, context } = await startBoth(t, { client: "", server: undefined });
  const refused = await context.accept(Buffer.from("nonsense"));
  assert.ok(!refused.ok);
  assert.match(refused.detail, /GSS failure|token/i);
  const first = await initiator("step");
  assert.ok((await context.accept(first)).ok);
});
