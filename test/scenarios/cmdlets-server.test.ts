import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

/** A server whose smart host does not listen yet. */
async function prepareBench(t: TestContext) {
  const [smtpPort, relayPort, sinkPort] = [await freePort(), await freePort(), await freePort()];
  const retry = "00:00:01";
  const transportService = {
    queueGlitchRetryInterval: retry,
    transientFailureRetryInterval: retry,
    outboundConnectionFailureRetryInterval: retry,
  };
  const options = { smtpPort, relayPort, smartHostPort: sinkPort, transportService };
  const server = await startServer(t, { configuration: contoso(options) });
  return { server, relayPort, sinkPort };
}

async function send(port: number, subject: string): Promise<number> {
  const client = await SmtpClient.open(port);
  try {
    await client.command("EHLO client.example", 250);
    const content = `Subject: ${subject}\r\n\r\nx`;
    const to = ["someone@fabrikam.test"];
    return (await client.sendMessage({ from: "app@contoso.test", to, content })).code;
  } finally {
    client.destroy();
  }
}

const MAINTENANCE = { Component: "HubTransport", Requester: "Maintenance" };

test("a hub that is inactive keeps its mail, one that drains sends it", async (t) => {
  const { server, relayPort, sinkPort } = await prepareBench(t);
  assert.equal(await send(relayPort, "waits for its hop"), 250);
  const early = await SmtpClient.open(relayPort);
  await early.command("EHLO client.example", 250);

  const [inactive] = await runCmdlet(server, "Set-ServerComponentState", {
    ...MAINTENANCE,
    State: "Inactive",
  });
  assert.equal(inactive?.["State"], "Inactive");
  await early.command("MAIL FROM:<app@contoso.test>", 421);
  await assert.rejects(SmtpClient.open(relayPort), /421.*4\.3\.2/);
  const received: string[] = [];
  await startSink(t, {
    port: sinkPort,
    onMessage: ({ content }) => void received.push(content.toString()),
  });
  // Its retry comes due every second: several have passed by then.
  await sleep(3_500);
  assert.deepEqual(received, []);

  await runCmdlet(server, "Set-ServerComponentState", { ...MAINTENANCE, State: "Draining" });
  await eventually({ what: "delivery" }, () => received.length === 1 || undefined);
  await assert.rejects(SmtpClient.open(relayPort), /421.*4\.3\.2/);

  await runCmdlet(server, "Set-ServerComponentState", { ...MAINTENANCE, State: "Active" });
  assert.equal(await send(relayPort, "after"), 250);
  await eventually({ what: "delivery" }, () => received.length === 2 || undefined);
});

test("the state outlives a restart, and names who asked for it", async (t) => {
  const { server, relayPort } = await prepareBench(t);
  await runCmdlet(server, "Set-ServerComponentState", { ...MAINTENANCE, State: "Draining" });
  await server.kill9();
  await server.start();
  await assert.rejects(SmtpClient.open(relayPort), /421/);
  const [state] = await runCmdlet(server, "Get-ServerComponentState", {
    component: "hubtransport",
  });
  assert.match(textOf(state?.["LocalStates"]), /Maintenance: Draining since .* by root/);
  const monitors = await runCmdlet(server, "Get-ServerHealth", { HealthSet: "Components" });
  assert.deepEqual(
    monitors.map((monitor) => [monitor["Name"], monitor["AlertValue"], monitor["Finding"]]),
    [["InService", "Degraded", "no mail is taken, queues are emptied"]],
  );
});

test("a healthy server says so in every set", async (t) => {
  const { server } = await prepareBench(t);
  const report = await runCmdlet(server, "Get-HealthReport");
  const unhealthy = report.filter(({ AlertValue }) => AlertValue !== "Healthy");
  // This machine may have no name server that answers.
  assert.deepEqual(
    unhealthy.filter(({ HealthSetName }) => HealthSetName !== "DNS"),
    [],
  );
  assert.equal(report.length, 10);
  const [role] = await runCmdlet(server, "Test-ServiceHealth");
  assert.equal(role?.["RequiredServicesRunning"], true);
});

test("a parameter that is wrong is named, with what would be right", async (t) => {
  const { server } = await prepareBench(t);
  for (const [parameters, want] of [
    [
      { ...MAINTENANCE, State: "Drained" },
      /-State: "Drained" is not one of Active, Draining, Inactive/,
    ],
    [{ ...MAINTENANCE, Stat: "Active" }, /no parameter -Stat; did you mean "State"/],
    [{ Component: "HubTransport", State: "Active" }, /-Requester is missing/],
  ] as const) {
    const { failure } = await tryCmdlet(server, "Set-ServerComponentState", parameters);
    assert.match(failure?.message ?? "", want);
  }
  const { plan } = await tryCmdlet(
    server,
    "Set-ServerComponentState",
    { ...MAINTENANCE, State: "Inactive" },
    { whatIf: true },
  );
  assert.deepEqual(plan?.actions, ["Set HubTransport, which is Active, to Inactive"]);
});
