import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";
import { EXAMPLE_CONFIGURATION } from "./example-configuration.ts";

const CONTEXT = { fileName: "postrider.yaml", hostName: "host.contoso.com", cores: 4 };

function faultsOf(text: string): readonly string[] {
  const parsed = parseConfiguration(text, CONTEXT);
  return parsed.ok ? [] : parsed.fault.map(formatFault);
}

test("any text gives a configuration or faults, each on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      for (const fault of faultsOf(text)) assert.doesNotMatch(fault, /[\r\n\0]/);
    }),
    { numRuns: 500 },
  );
});

test("a damaged file gives a configuration or faults", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    "\n",
    "  ",
    "- ",
    "&a ",
    "*a",
    "!x ",
    "null",
    "'",
    '"',
    "|",
    "\0",
    "\u2028",
    "99999999999999999999",
    "-1",
    "name: x",
  );
  const damage = fc.tuple(fc.nat(EXAMPLE_CONFIGURATION.length), fc.nat(30), piece);
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), (wounds) => {
      const text = wounds.reduce(
        (whole, [at, length, put]) => whole.slice(0, at) + put + whole.slice(at + length),
        EXAMPLE_CONFIGURATION,
      );
      for (const fault of faultsOf(text)) assert.doesNotMatch(fault, /[\r\n\0]/);
    }),
    { numRuns: 200 },
  );
});

test("any value of any property gives a configuration or faults", () => {
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.constantFrom(
        "true",
        "00:05:00",
        "36MB",
        "*",
        "127.0.0.1:25",
        "a@b.test",
        "unlimited",
        null,
      ),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom(
          "name",
          "bindings",
          "addressSpaces",
          "members",
          "admin",
          "password",
          "fqdn",
          "__proto__",
          "toString",
        ),
        tie("value"),
        { maxKeys: 5 },
      ),
    ),
  })).value;
  const section = fc.constantFrom(
    "server",
    "acceptedDomains",
    "receiveConnectors",
    "sendConnectors",
    "transportService",
    "mailboxes",
    "distributionGroups",
    "constructor",
  );
  fc.assert(
    // JSON is YAML.
    fc.property(fc.dictionary(section, tree), (value) => void faultsOf(JSON.stringify(value))),
    { numRuns: 500 },
  );
});
