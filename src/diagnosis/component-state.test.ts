import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Component,
  type ComponentState,
  effectiveState,
  type Requester,
  type StateRequest,
  serviceStateOf,
} from "./component-state.ts";

type Row = readonly [Component, Requester, ComponentState];

function requests(rows: readonly Row[]): readonly StateRequest[] {
  return rows.map(([component, requester, state]) => ({
    component,
    requester,
    state,
    atMs: 0,
    by: "root",
  }));
}

for (const [why, rows, takesMail, sendsMail] of [
  ["nobody has asked for anything", [], true, true],
  ["the front end is drained", [["FrontendTransport", "Maintenance", "Draining"]], false, true],
  ["the hub drains: its queues empty", [["HubTransport", "Maintenance", "Draining"]], false, true],
  ["the hub is inactive", [["HubTransport", "Maintenance", "Inactive"]], false, false],
  ["all of it is off", [["ServerWideOffline", "Deployment", "Inactive"]], false, false],
  [
    "one requester is done, another is not",
    [
      ["HubTransport", "Maintenance", "Active"],
      ["HubTransport", "HealthAPI", "Inactive"],
    ],
    false,
    false,
  ],
] as const satisfies readonly (readonly [string, readonly Row[], boolean, boolean])[]) {
  test(`services: ${why}`, () => {
    assert.deepEqual(serviceStateOf(requests(rows)), { takesMail, sendsMail });
  });
}

test("a component has the state furthest from Active", () => {
  const asked = requests([
    ["HubTransport", "Maintenance", "Draining"],
    ["HubTransport", "Functional", "Inactive"],
  ]);
  assert.equal(effectiveState(asked, "HubTransport"), "Inactive");
  assert.equal(effectiveState(asked, "FrontendTransport"), "Active");
});
