import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceAddresses } from "./source-address.ts";

test("source addresses take turns, each family its own", () => {
  const sources = new SourceAddresses();
  const four = ["192.0.2.1", "192.0.2.2"];
  const connector = { name: "a", sourceIPAddresses: [...four, "2001:db8::1"] };
  const picked = ["198.51.100.1", "2001:db8::9", "198.51.100.1", "198.51.100.1"].map((target) =>
    sources.pick(connector, target),
  );
  assert.deepEqual(picked, ["192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.1"]);
  const other = { name: "b", sourceIPAddresses: four };
  assert.equal(sources.pick(other, "198.51.100.1"), "192.0.2.1");
});

test("source addresses: none of the family, none at all", () => {
  const sources = new SourceAddresses();
  assert.equal(
    sources.pick({ name: "a", sourceIPAddresses: ["192.0.2.1"] }, "2001:db8::9"),
    undefined,
  );
  assert.equal(sources.pick({ name: "a", sourceIPAddresses: [] }, "192.0.2.9"), undefined);
});
