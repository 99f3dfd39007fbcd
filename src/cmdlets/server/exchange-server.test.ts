import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { textOf } from "../../base/text-of.fake.ts";
import type { CmdletInput, Invocation } from "../../cmdlet/cmdlet.ts";
import { getExchangeServer, getResourceThrottling } from "./exchange-server.ts";
import type { ServerServices } from "./services.ts";

const THRESHOLDS = {
  ...{ lowToMedium: 10, mediumToHigh: 20, highToMedium: 15, mediumToLow: 5 },
  unit: "things",
};

async function run(cmdlet: typeof getExchangeServer, services: Partial<ServerServices>) {
  const invocation: Partial<Invocation<ServerServices>> = {
    services: services as ServerServices,
    clock: fakeClock(90_000),
  };
  const objects = [];
  const input: CmdletInput = {};
  for await (const one of cmdlet.run(invocation as Invocation<ServerServices>, input)) {
    objects.push(one);
  }
  return objects;
}

test("the server says what it is, and since when", async () => {
  const [server] = await run(getExchangeServer, {
    serverFqdn: () => "mail.contoso.test",
    serverFacts: async () => ({
      ...{ version: "1.2.3", nodeVersion: "24.0.0", platform: "linux 6", startedMs: 30_000 },
      threads: { ready: 1, wanted: 2 },
      ...{ dataDirectory: "/var/lib/postrider", configurationFile: undefined },
    }),
  });
  assert.equal(server?.["Name"], "mail");
  assert.equal(server["AdminDisplayVersion"], "Version 1.2.3");
  assert.equal(server["Uptime"], "00:01:00");
  assert.equal(server["ConfigurationFile"], null);
});

test("back pressure says what it does to new mail", async () => {
  const objects = await run(getResourceThrottling, {
    pressures: () => [
      { resource: "disk", level: "Medium", value: 12, acts: "reject", thresholds: THRESHOLDS },
      { resource: "event_loop", level: "Medium", acts: "delay", thresholds: THRESHOLDS },
      { resource: "submission_queue", level: "High", acts: "delay", thresholds: THRESHOLDS },
      { resource: "memory", level: "Low", acts: "reject", thresholds: THRESHOLDS },
    ],
  });
  const told = objects.map((one) => `${textOf(one["Resource"])}: ${textOf(one["Effect"])}`);
  assert.deepEqual(told, [
    "DatabaseUsedSpace: new mail is refused with 452 4.3.1; Pickup and Replay pause",
    "EventLoopDelay: the reply to MAIL is held back, up to 55 seconds",
    "SubmissionQueue: new mail is refused with 452 4.3.1; Pickup and Replay pause",
    "PrivateBytes: none",
  ]);
  assert.equal(objects[1]?.["CurrentValue"], null);
});
