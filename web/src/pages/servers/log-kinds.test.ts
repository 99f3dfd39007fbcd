import assert from "node:assert/strict";
import { test } from "node:test";
import { LOG_KINDS, logCall } from "./log-kinds.ts";

function kindOf(key: string) {
  const kind = LOG_KINDS.find((one) => one.key === key);
  assert.ok(kind);
  return kind;
}

test("a search of a log takes its own conditions, and no others", () => {
  const state = { Sender: " a@x.test ", Recipients: "b@x.test, c@x.test", Connector: "Frontend" };
  assert.deepEqual(logCall(kindOf("tracking"), { ...state, pattern: "nothing" }), {
    cmdlet: "Get-MessageTrackingLog",
    parameters: {
      Sender: "a@x.test",
      Recipients: ["b@x.test", "c@x.test"],
      ResultSize: 2000,
    },
  });
});

test("times are sent as moments, spans as they are", () => {
  const { parameters } = logCall(kindOf("agent"), { from: "-2h", to: "2026-01-02T03:04:00Z" });
  assert.deepEqual(parameters, {
    StartDate: "-2h",
    EndDate: "2026-01-02T03:04:00.000Z",
    ResultSize: 2000,
  });
});
