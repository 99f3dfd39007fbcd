import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { AgentGuards, AgentRoster } from "../agents/agent-roster.ts";
import type { ReceiveAgent, SessionScope } from "../agents/receive-agent.ts";
import { connectorProfile } from "./connector-profile.ts";
import { CONNECTION, RELAY, setUp } from "./receive-stage.fake.ts";
import { sampleConnector, sampleOrganization } from "./sample-organization.fake.ts";
import { rememberHearers } from "./session-hearers.ts";

const ORGANIZATION = sampleOrganization();
const STRANGER = {
  ...beginning(sampleConnector()),
  organization: ORGANIZATION,
  remoteAddress: CONNECTION.remoteAddress,
};
const { messageClassifications } = organizationOf(
  "messageClassifications: [{ name: a, displayName: A }]",
);

function beginning(connector: ReceiveConnector) {
  return { connector, standing: connectorProfile(ORGANIZATION, connector, undefined).stranger };
}

function agent(name: string, more: Partial<ReceiveAgent>): ReceiveAgent {
  return {
    agent: { name, priority: 1, events: ["OnConnect"], doc: "A test." },
    on: { OnConnect: () => undefined },
    hears: () => true,
    ...more,
  };
}

/** Counts how often it is asked; cares where `cares` says so. */
function counting(name: string, cares: (scope: SessionScope) => boolean) {
  const ear = {
    asked: 0,
    connected: 0,
    agent: agent(name, {
      hears(scope) {
        ear.asked += 1;
        return cares(scope);
      },
      on: {
        OnConnect() {
          ear.connected += 1;
          return undefined;
        },
      },
    }),
  };
  return ear;
}

test("agents are asked once a connector, and again when the configuration has changed", () => {
  const ear = counting("Ear", ({ organization }) => organization.messageClassifications.length > 0);
  const stage = setUp({ agents: [ear.agent] });
  const open = () => {
    for (let count = 0; count < 3; count += 1) stage.session();
    return [ear.asked, ear.connected];
  };
  assert.deepEqual(open(), [1, 0]);
  stage.change({ messageClassifications });
  assert.deepEqual(open(), [2, 3]);
  stage.change({ messageClassifications: [] });
  assert.deepEqual(open(), [3, 3]);
});

test("an agent that is switched off or on is heard so by the next session", () => {
  const ear = counting("Ear", () => true);
  const stage = setUp({ agents: [ear.agent] });
  const connected = (enabled: boolean) => {
    const said = { priority: undefined, failMode: undefined, timeLimitMs: undefined };
    const more = { shadowRun: false, modulePath: undefined };
    stage.change({ transportAgents: [{ name: "Ear", enabled, ...said, ...more }] });
    stage.session();
    return ear.connected;
  };
  assert.deepEqual([connected(true), connected(false), connected(true)], [1, 1, 2]);
});

test("an agent that is installed or taken away is heard so by the next session", () => {
  const ear = counting("Ear", () => true);
  const other = counting("Other", () => true);
  let installed = { version: 1, all: [ear.agent] };
  const guards = new AgentGuards({ clock: fakeClock(), diagnostics: silentDiagnostics });
  const roster = new AgentRoster<ReceiveAgent>([], guards, () => installed);
  const hearersOf = rememberHearers();
  const heard = () => hearersOf(roster.seats(ORGANIZATION), STRANGER).map(({ name }) => name);
  assert.deepEqual(heard(), ["Ear"]);
  installed = { version: 2, all: [other.agent] };
  assert.deepEqual(heard(), ["Other"]);
  installed = { version: 3, all: [] };
  assert.deepEqual(heard(), []);
});

test("each connector and each standing is asked about apart", () => {
  const guards = new AgentGuards({ clock: fakeClock(), diagnostics: silentDiagnostics });
  const ear = counting("Ear", ({ rights }) => !rights.has("ms-Exch-SMTP-Accept-Any-Recipient"));
  const seats = new AgentRoster<ReceiveAgent>([ear.agent], guards).seats(ORGANIZATION);
  const hearersOf = rememberHearers();
  const relay = { ...STRANGER, ...beginning(RELAY) };
  const heard = () => [STRANGER, relay].map((session) => hearersOf(seats, session).length);
  assert.deepEqual([heard(), heard(), ear.asked], [[1, 0], [1, 0], 2]);
  const other = connectorProfile(ORGANIZATION, sampleConnector(), undefined).stranger;
  hearersOf(seats, { ...STRANGER, standing: other });
  assert.equal(ear.asked, 3);
});

test("what an agent makes of the client, it is asked of each", () => {
  const ear = counting("Ear", () => true);
  const far = { ...ear.agent, hearsClient: isFar };
  const stage = setUp({ agents: [far] });
  stage.session("192.0.2.1");
  stage.session("198.51.100.1");
  stage.session("192.0.2.1");
  assert.deepEqual([ear.asked, ear.connected], [1, 1]);
});

test("where nobody cares, all sessions get the same empty list", () => {
  const guards = new AgentGuards({ clock: fakeClock(), diagnostics: silentDiagnostics });
  const deaf = agent("Deaf", { hears: () => false, hearsClient: () => assert.fail("not asked") });
  const seats = new AgentRoster<ReceiveAgent>([deaf], guards).seats(ORGANIZATION);
  const hearersOf = rememberHearers();
  const first = hearersOf(seats, STRANGER);
  assert.equal(first.length, 0);
  assert.equal(hearersOf(seats, { ...STRANGER, remoteAddress: "198.51.100.1" }), first);
});

const isFar: NonNullable<ReceiveAgent["hearsClient"]> = ({ remoteAddress }) =>
  remoteAddress.startsWith("198.");
