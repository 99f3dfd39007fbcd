import assert from "node:assert/strict";
import { test } from "node:test";
import { isFiltered, NO_FILTER, quarantineQuery } from "./quarantine-query.ts";

test("what stands in the address is asked for, and nothing else", () => {
  assert.deepEqual(quarantineQuery({ open: "x", type: "Nonsense", direction: "Sideways" }), {});
  const state = {
    ...{ type: "Spam", sender: "eve", recipient: "*@contoso.test", subject: "a", policy: "Keep" },
    ...{ domain: "evil.test", messageid: "<1@x>", direction: "Inbound", within: "7d" },
    ...{ until: "2026-01-01T00:00:00Z", expires: "1d", filter: "Size -gt 1" },
  };
  assert.deepEqual(quarantineQuery(state), {
    Type: "Spam",
    SenderAddress: ["*eve*"],
    RecipientAddress: ["*@contoso.test"],
    Subject: "a",
    Domain: ["evil.test"],
    PolicyName: "*Keep*",
    MessageId: "<1@x>",
    Direction: "Inbound",
    StartReceivedDate: "-7d",
    EndReceivedDate: "2026-01-01T00:00:00Z",
    EndExpiresDate: "now+1d",
    Filter: "Size -gt 1",
  });
  const from = "2025-12-01T00:00:00Z";
  assert.equal(quarantineQuery({ ...state, from }).StartReceivedDate, from);
  assert.deepEqual(quarantineQuery({ ...state, ...NO_FILTER }), {});
  assert.deepEqual([isFiltered(state), isFiltered({ ...state, ...NO_FILTER })], [true, false]);
});
