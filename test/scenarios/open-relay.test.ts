import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { run } from "../harness/peers.ts";
import { startServer } from "../harness/server.ts";

/** What nmap's script says of one port. */
async function probe(port: number): Promise<string> {
  const scanned = await run("nmap", [
    ...["-Pn", "-n", "-p", String(port), "--script", "+smtp-open-relay"],
    ...["--script-args", "smtp-open-relay.domain=elsewhere.test,smtp-open-relay.ip=127.0.0.1"],
    "127.0.0.1",
  ]);
  assert.equal(scanned.code, 0, scanned.stderr);
  return scanned.stdout;
}

test("nmap's smtp-open-relay finds nothing on the doors that are open to all", async (t) => {
  const [smtpPort, submissionPort] = [await freePort(), await freePort()];
  const { receiveConnectors, ...rest } = contoso({
    smtpPort,
    smartHostPort: await freePort(),
    receiveConnector: { maxProtocolErrors: "unlimited" },
  });
  assert.ok(Array.isArray(receiveConnectors));
  const submission = {
    name: "Client Frontend",
    bindings: [`127.0.0.1:${submissionPort}`],
    authMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS"],
    permissionGroups: ["ExchangeUsers"],
    maxProtocolErrors: "unlimited",
    tarpitInterval: "00:00:00",
  };
  await startServer(t, {
    configuration: { ...rest, receiveConnectors: [...receiveConnectors, submission] },
  });
  for (const port of [smtpPort, submissionPort]) {
    assert.match(await probe(port), /Server (?:doesn't seem to be|isn't) an open relay/);
  }
});

test("the probe does find one: a relay for everybody, made on purpose", async (t) => {
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: await freePort(),
  });
  await startServer(t, { configuration });
  assert.match(await probe(relayPort), /Server is an open relay/);
});
