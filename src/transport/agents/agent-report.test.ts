import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentReport, joinReports, reportAgents } from "./agent-report.ts";

const HEALTHY: AgentReport = {
  ...{ name: "A", state: "Healthy", failures: 1, timeouts: 2, passedOver: 3 },
  ...{ lastFault: "early", lastFaultMs: 10 },
  ...{ waits: 2, waitedMs: 30, longestMs: 20 },
};
const MODULE = { description: "", events: ["OnConnect"], loadFault: "" } as const;

test("all threads as one: counts are added, the worst state and the last fault stay", () => {
  const other: AgentReport = { ...HEALTHY, lastFault: "late", lastFaultMs: 20 };
  const resting: AgentReport = { ...HEALTHY, state: "Resting", lastFaultMs: 5, longestMs: 25 };
  const alone: AgentReport = { ...HEALTHY, name: "B" };
  assert.deepEqual(joinReports([[HEALTHY], [resting, alone], [other]]), [
    {
      ...{ name: "A", state: "Resting", failures: 3, timeouts: 6, passedOver: 9 },
      ...{ lastFault: "late", lastFaultMs: 20 },
      ...{ waits: 6, waitedMs: 90, longestMs: 25 },
    },
    alone,
  ]);
});

test("a module that is not loaded in one thread is not loaded, and says why", () => {
  const broken = reportAgents([], [{ name: "A", ...MODULE, loadFault: "no file" }]);
  const [joined] = joinReports([[HEALTHY], broken]);
  assert.equal(joined?.state, "NotLoaded");
  assert.equal(joined.lastFault, "no file");
});

test("a module that nobody has asked yet is there, and healthy", () => {
  const [report, ...others] = reportAgents([], [{ name: "A", ...MODULE }]);
  assert.equal(report?.state, "Healthy");
  assert.deepEqual(report.module?.events, ["OnConnect"]);
  assert.deepEqual(others, []);
});
