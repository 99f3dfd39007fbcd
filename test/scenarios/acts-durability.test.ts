// Administrators' acts while threads and the process die: what was ordered is done to the end.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { numberOf } from "../harness/load.ts";
import { type Configuration, startServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking } from "../harness/tracking.ts";

const MESSAGES = 300;

/** A server of two transport threads whose smart host does not listen yet. */
async function openBench(t: TestContext) {
  const orders = await temporaryFolder(t);
  const [relayPort, sinkPort] = [await freePort(), await freePort()];
  const base = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: sinkPort,
    transportService: { queueGlitchRetryInterval: "00:00:01" },
  });
  const server = await startServer(t, {
    configuration: {
      ...base,
      server: { ...(base["server"] as Configuration), transportThreads: 2 },
    },
    environment: {
      POSTRIDER_TEST_FAULTS: join(import.meta.dirname, "thread-faults.ts"),
      FAULT_ORDERS: orders,
    },
  });
  const order = (name: string) => writeFile(join(orders, name), "");
  const received = new Map<string, number>();
  const listen = () =>
    startSink(t, {
      port: sinkPort,
      onMessage({ content }) {
        const id = numberOf(content);
        received.set(id, (received.get(id) ?? 0) + 1);
      },
    });
  return { server, relayPort, order, received, listen };
}

async function sendMany(port: number, count: number): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  for (let number = 0; number < count; number += 1) {
    const content = `X-Number: ${number}\r\nSubject: ${number}\r\n\r\nx`;
    const to = ["someone@fabrikam.test"];
    const { code } = await client.sendMessage({ from: "you@example.com", to, content });
    assert.equal(code, 250);
  }
  client.destroy();
}

function deaths(server: { readonly output: string }): number {
  return (server.output.match(/"event":"thread-died"/g) ?? []).length;
}

test("a job leaves nothing out of threads that die while it runs", async (t) => {
  const { server, relayPort, order } = await openBench(t);
  await sendMany(relayPort, MESSAGES);
  await Promise.all([order("exit-0"), order("exit-1")]);
  await eventually({ what: "both deaths" }, () => deaths(server) === 2 || undefined);
  const [job] = await runCmdlet(server, "Remove-Message", { Filter: "Size -gt 0" });
  assert.equal(job?.["State"], "Completed");
  const left = await runCmdlet(server, "Get-Message", {
    Filter: "FromAddress -eq 'you@example.com'",
    ResultSize: "Unlimited",
  });
  assert.equal(left.length, 0, `${left.length} are left`);
  const dropped = readTracking(server.dataFolder).filter((row) => row["event-id"] === "FAIL");
  assert.equal(dropped.length, MESSAGES, "each is told once");
});

test("a job goes on after kill -9, and passes over nothing that was in hand", async (t) => {
  const { server, relayPort } = await openBench(t);
  await sendMany(relayPort, MESSAGES);
  const parameters = { Filter: "Size -gt 0", WithNDR: false };
  const running = runCmdlet(server, "Remove-Message", parameters).catch(() => undefined);
  await eventually(
    { what: "the job's beginning" },
    () => server.output.includes("queue-job-started") || undefined,
  );
  await server.kill9();
  await running;
  await server.start();
  await eventually({ what: "its end", withinMs: 60_000 }, async () => {
    const [job] = await runCmdlet(server, "Get-QueueJob", {});
    return job?.["State"] === "Completed" || undefined;
  });
  assert.deepEqual(await runCmdlet(server, "Get-Message", {}), []);
});

test("Submission suspended: kept over a crash and over the death of its threads", async (t) => {
  const { server, relayPort, order, received, listen } = await openBench(t);
  await runCmdlet(server, "Suspend-Queue", { Identity: "Submission" });
  await sendMany(relayPort, 20);
  await listen();
  await Promise.all([order("exit-0"), order("exit-1")]);
  await eventually({ what: "both deaths" }, () => deaths(server) === 2 || undefined);
  await eventually({ what: "both threads" }, async () => {
    const queues = await runCmdlet(server, "Get-Queue", {}).catch(() => []);
    return queues.some(({ Status }) => Status === "Suspended") || undefined;
  });
  await sendMany(relayPort, 20);
  await server.kill9();
  await server.start();
  await sendMany(relayPort, 20);
  assert.equal(received.size, 0);
  await runCmdlet(server, "Resume-Queue", { Identity: "Submission" });
  await eventually({ what: "all of them" }, () => received.size === 20 || undefined);
  await eventually(
    { what: "each of three" },
    () => [...received.values()].every((count) => count >= 3) || undefined,
  );
});

test("Inactive: what is under way is finished, nothing else goes, Active wakes all", async (t) => {
  const { server, relayPort, order, received, listen } = await openBench(t);
  const sink = await listen();
  sink.setScript(({ verb }) => (verb === "content" ? { delayMs: 1_500 } : undefined));
  await sendMany(relayPort, 1);
  await eventually({ what: "the attempt" }, () => sink.connectionCount === 1 || undefined);
  const service = { Component: "HubTransport", Requester: "Maintenance" };
  await sendMany(relayPort, 30);
  await sleep(300);
  await runCmdlet(server, "Set-ServerComponentState", { ...service, State: "Inactive" });
  await eventually({ what: "the end of what had begun", withinMs: 20_000 }, async () => {
    const messages = await runCmdlet(server, "Get-Message", { ResultSize: "Unlimited" });
    return messages.every(({ Status }) => Status !== "Active") || undefined;
  });
  sink.setScript(undefined);
  const finished = [...received.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(finished >= 1, "what had begun is finished");
  const { connectionCount } = sink;
  await Promise.all([order("exit-0"), order("exit-1")]);
  await eventually({ what: "both deaths" }, () => deaths(server) === 2 || undefined);
  await sleep(3_000);
  await server.kill9();
  await server.start();
  await sleep(2_000);
  assert.equal(sink.connectionCount, connectionCount, "nothing is attempted");
  await runCmdlet(server, "Set-ServerComponentState", { ...service, State: "Active" });
  await eventually(
    { what: "all the rest", withinMs: 8_000 },
    () => received.size === 30 || undefined,
  );
  await eventually(
    { what: "an empty queue" },
    async () => (await runCmdlet(server, "Get-Message", {})).length === 0 || undefined,
  );
  const total = [...received.values()].reduce((sum, count) => sum + count, 0);
  const sent = readTracking(server.dataFolder).filter((row) => row["event-id"] === "SEND");
  assert.equal(sent.length, 31);
  assert.equal(total, 31, "nothing twice: no attempt was under way at a death");
});
