import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CMDLETS } from "./all-cmdlets.ts";
import { operationFacts, outputFacts } from "./openapi-facts.ts";
import { outputSchema, parameterSchema, propertySchema } from "./openapi-schema.ts";

const KINDS = new Set(
  "text choice boolean number bytes span date list map table secret".split(" "),
);

function cmdletOf(name: string) {
  const found = ALL_CMDLETS.find(name);
  assert.ok(found !== undefined, name);
  return found;
}

/** The schema of a parameter, as a body has it. */
function schemaOf(cmdlet: string, name: string): Readonly<Record<string, unknown>> {
  const parameter = cmdletOf(cmdlet).parameters[name];
  assert.ok(parameter !== undefined, `${cmdlet} -${name}`);
  return propertySchema(parameter);
}

test("every parameter and every property that is put out says its kind", () => {
  for (const { name, parameters, output } of ALL_CMDLETS.all) {
    for (const [parameter, one] of Object.entries(parameters)) {
      const where = `${name} -${parameter}`;
      for (const schema of [propertySchema(one), parameterSchema(one)]) {
        assert.ok(KINDS.has(String(schema["x-kind"])), where);
        assert.equal(typeof schema["x-label"], "string", where);
      }
    }
    const { properties } = outputSchema(output);
    for (const [property, one] of Object.entries(Object(properties))) {
      assert.equal(Object(one)["x-kind"], output.properties[property]?.kind, property);
    }
    assert.deepEqual(outputFacts(output)["x-table"], output.table);
  }
});

for (const [cmdlet, name, facts] of [
  ["Get-Queue", "Identity", { "x-kind": "text", "x-position": 0, "x-completion": "Queue" }],
  ["Get-Queue", "Filter", { "x-properties-of": "QueueInfo" }],
  ["New-ReceiveConnector", "MaxMessageSize", { "x-kind": "bytes", "x-default": "36MB" }],
  ["New-ReceiveConnector", "ConnectionTimeout", { "x-kind": "span", "x-default": "00:10:00" }],
  ["Set-ReceiveConnector", "Bindings", { "x-kind": "list", "x-list-change": true }],
  ["New-ReceiveConnector", "Bindings", { "x-kind": "list", "x-items": "text" }],
  ["Set-ReceiveConnector", "AuthMechanism", { "x-items": "choice", "x-list-change": true }],
  ["New-AcceptedDomain", "DomainType", { "x-kind": "choice", "x-default": "Authoritative" }],
  ["New-TransportRule", "ActivationDate", { "x-kind": "date" }],
  ["New-TransportRule", "Comments", { "x-kind": "text", "x-multiline": true }],
  ["New-Administrator", "Password", { "x-kind": "secret" }],
  ["Get-MessageTrace", "StartDate", { "x-kind": "date" }],
] as const) {
  test(`a form knows of ${cmdlet} -${name}: ${JSON.stringify(facts)}`, () => {
    const schema = schemaOf(cmdlet, name);
    for (const [fact, value] of Object.entries(facts)) assert.deepEqual(schema[fact], value, fact);
  });
}

test("ranges are numbers, in bytes and milliseconds", () => {
  const range = schemaOf("New-ReceiveConnector", "ConnectionTimeout")["x-range"];
  assert.deepEqual(range, { min: 1, max: 86_400_000, unlimited: false });
});

test("no default of a secret is shown, and no secret's limits", () => {
  for (const { name, parameters } of ALL_CMDLETS.all) {
    for (const [parameter, one] of Object.entries(parameters)) {
      const schema = propertySchema(one);
      if (schema["x-kind"] !== "secret") continue;
      assert.equal(schema["x-default"], undefined, `${name} -${parameter}`);
      assert.equal(schema["x-range"], undefined, `${name} -${parameter}`);
    }
  }
});

test("an operation says what it does, and whether one asks before it", () => {
  const facts = operationFacts(cmdletOf("Remove-Message"));
  assert.equal(facts["x-effect"], "changes");
  assert.equal(facts["x-confirmation"], "asks");
  assert.equal(operationFacts(cmdletOf("Get-Queue"))["x-output"], "QueueInfo");
  assert.deepEqual(operationFacts(cmdletOf("Export-Message"))["x-file"], {
    path: "Path",
    content: "Content",
  });
});
