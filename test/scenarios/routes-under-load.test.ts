// The organization is changed by cmdlets while mail flows: nothing is lost, and nothing fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { numberOf, startLoad } from "../harness/load.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { readTracking } from "../harness/tracking.ts";

const ROUNDS = 6;

test("connectors and domains that come and go under load lose nothing, and fail nothing", {
  timeout: 120_000,
}, async (t) => {
  const received = new Map<string, string[]>();
  const sinkOf = async (name: string) =>
    startSink(t, {
      port: await freePort(),
      onMessage({ content }) {
        const id = numberOf(content);
        received.set(id, [...(received.get(id) ?? []), name]);
      },
    });
  const [usual, special] = [await sinkOf("usual"), await sinkOf("special")];
  const relayPort = await freePort();
  const base = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: usual.port,
    transportService: { queueGlitchRetryInterval: "00:00:01" },
  });
  const server = await startServer(t, {
    configuration: {
      ...base,
      server: { ...(base["server"] as Configuration), transportThreads: 2 },
    },
  });
  const load = startLoad({
    port: relayPort,
    sessions: 10,
    messages: 1_000_000,
    recipient: "someone@fabrikam.test",
    prefix: "r",
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    await runCmdlet(server, "New-SendConnector", {
      Name: "Special",
      AddressSpaces: "fabrikam.test",
      SmartHosts: "[127.0.0.1]",
      Port: special.port,
    });
    await runCmdlet(server, "New-AcceptedDomain", { Name: "other", DomainName: "other.test" });
    await sleep(400);
    await runCmdlet(server, "Remove-AcceptedDomain", { Identity: "other" });
    await runCmdlet(server, "Remove-SendConnector", { Identity: "Special" });
    await sleep(400);
  }
  load.stop();
  await load.done;
  const missing = () => [...load.acknowledged].filter((id) => !received.has(id));
  await eventually(
    { what: "nothing missing", withinMs: 60_000 },
    () => missing().length === 0 || undefined,
  ).catch(() => undefined);
  assert.deepEqual(missing().slice(0, 10), [], `${missing().length} are missing`);
  assert.deepEqual([...load.refusals], []);
  const bySink = [...received.values()].flat();
  const count = (name: string) => bySink.filter((one) => one === name).length;
  t.diagnostic(`${count("usual")} by the usual way, ${count("special")} by the special one`);
  assert.ok(count("special") > 0 && count("usual") > 0);
  assert.equal(bySink.length, received.size, "nothing twice");
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
  const failed = readTracking(server.dataFolder).filter(({ "event-id": id }) => id === "FAIL");
  assert.deepEqual(failed, []);
});
