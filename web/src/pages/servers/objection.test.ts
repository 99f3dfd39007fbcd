import assert from "node:assert/strict";
import { test } from "node:test";
import { firstObjection } from "./objection.ts";

test("whoever keeps something out of service is found; who objects no more is not", () => {
  const active = { Component: "HubTransport", LocalStates: ["Maintenance: Active since x by y"] };
  assert.equal(firstObjection([active]), undefined);
  const drained = {
    Component: "FrontendTransport",
    LocalStates: ["Maintenance: Active since x by y", "Sidelined: Draining since x by y"],
  };
  const wanted = { component: "FrontendTransport", requester: "Sidelined", state: "Draining" };
  assert.deepEqual(firstObjection([active, drained]), wanted);
});
