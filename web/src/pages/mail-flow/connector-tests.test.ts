import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConnectorTest,
  callOfTest,
  readTestValues,
  writeTestValues,
} from "./connector-tests.ts";

const ROUTE: ConnectorTest = {
  key: "route",
  title: "",
  hint: "",
  cmdlet: "Test-MessageRoute",
  view: "tree",
  fields: [
    { parameter: "Sender", key: "from", label: "" },
    { parameter: "Recipients", key: "to", label: "" },
    { parameter: "Tls", key: "tls", label: "" },
    { parameter: "Size", key: "size", label: "" },
  ],
};

test("an address says what a test asks, and the other way round", () => {
  const values = { Sender: "a@x.test", Recipients: ["b@y.test", "c@y.test"], Tls: true };
  const state = { from: "a@x.test", to: "b@y.test,c@y.test", tls: "true", size: undefined };
  assert.deepEqual(writeTestValues(ROUTE, values), state);
  assert.deepEqual(readTestValues(ROUTE, { ...state, other: "1" }), values);
});

test("what is left empty is not asked", () => {
  const call = callOfTest(ROUTE, { Sender: "<>", Recipients: ["b@y.test"], Tls: false, Size: "" });
  assert.deepEqual(call.parameters, { Sender: "<>", Recipients: ["b@y.test"] });
});
