import assert from "node:assert/strict";
import { test } from "node:test";
import type { PageState } from "../../widgets/page-state.ts";
import { parseSearch } from "./search-text.ts";
import { readTraceSearch, recordingFilter, traceCall } from "./trace-search.ts";

const ALL = { ResultSize: 250_000 };

for (const [state, parameters] of [
  [{ search: "" }, {}],
  [{ search: "a@b.test" }, { Address: ["a@b.test"] }],
  [{ search: "a@b.test", as: "sender" }, { SenderAddress: "a@b.test" }],
  [{ search: "a@b.test", as: "recipient" }, { RecipientAddress: ["a@b.test"] }],
  [{ search: "a@b.test", as: "messageId" }, { MessageId: "a@b.test" }],
  [{ search: "a@b.test", as: "nonsense" }, { Address: ["a@b.test"] }],
  [{ search: "b.test" }, { Address: ["@b.test"] }],
  [{ search: "@b.test" }, { Address: ["@b.test"] }],
  [{ search: "*.b.test" }, { Address: ["*.b.test"] }],
  [{ search: "<a@b.test>" }, { MessageId: "<a@b.test>" }],
  [{ search: "#42" }, { InternalMessageId: "42" }],
  [{ search: "#42", as: "subject" }, { Subject: "#42" }],
  [{ search: "invoice b.test a@c.test" }, { Address: ["a@c.test", "@b.test"], Subject: "invoice" }],
  [{ search: "a@b.test, c@d.test" }, { Address: ["a@b.test", "c@d.test"] }],
  [{ search: "192.0.2.1" }, { IPAddress: "192.0.2.1" }],
  [
    { search: "hello", range: "1h" },
    { Subject: "hello", StartDate: "-1h" },
  ],
  [{ search: "hello", range: "48h" }, { Subject: "hello" }],
  [
    { search: "<a@b.test>", range: "48h" },
    { MessageId: "<a@b.test>", StartDate: "-48h" },
  ],
  [
    { search: "x y", range: "all" },
    { Subject: "x y", StartDate: "1970-01-01T00:00:00Z" },
  ],
  [
    { search: "", range: "custom", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" },
    { StartDate: "2026-01-01T00:00:00Z", EndDate: "2026-01-02T00:00:00Z" },
  ],
  [{ search: "", range: "custom" }, {}],
  [{ search: "", status: "Failed" }, { Status: ["Failed"] }],
  [
    { search: "", status: "NotDelivered" },
    { Status: ["Failed", "Pending", "Quarantined", "FilteredAsSpam", "GettingStatus"] },
  ],
  [{ search: "", status: "Nonsense", range: "99y" }, {}],
] as const satisfies readonly (readonly [PageState, object])[]) {
  test(`traceCall: ${JSON.stringify(state)}`, () => {
    const search = readTraceSearch(state);
    assert.ok(search !== undefined);
    const call = traceCall(search);
    assert.deepEqual(call, { cmdlet: "Get-MessageTrace", parameters: { ...parameters, ...ALL } });
  });
}

test("readTraceSearch: an address without a search asks for nothing", () => {
  assert.equal(readTraceSearch({ range: "1h" }), undefined);
});

for (const [text, filter] of [
  ["alice@contoso.test", { Address: "alice@contoso.test" }],
  ["from:bob@fabrikam.test", { Address: "bob@fabrikam.test" }],
  ["fabrikam.test", { Address: "@fabrikam.test" }],
  ["offer alice@contoso.test", { Address: "alice@contoso.test" }],
  ["192.0.2.7", { RemoteAddress: "192.0.2.7" }],
  ["an offer", {}],
] as const) {
  test(`recordings of sessions for: ${text}`, () =>
    assert.deepEqual(recordingFilter(parseSearch(text)), filter));
}
