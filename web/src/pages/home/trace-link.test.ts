import assert from "node:assert/strict";
import { test } from "node:test";
import { readRange } from "./range.ts";
import { traceLink, traceSpan } from "./trace-link.ts";

const NOW_MS = Date.parse("2026-06-01T12:34:00Z");

test("a range that ends now leads to a trace without an end; an own one has both", () => {
  assert.deepEqual(traceLink(traceSpan(readRange({ range: "hour" }, NOW_MS))).search, {
    search: "",
    range: "custom",
    from: "2026-06-01T11:34:00.000Z",
  });
  const own = readRange({ range: "own", from: "2026-05-01T00:00Z", to: "2026-05-02T00:00Z" }, 0);
  const search = { text: "fabrikam.test", as: "domain" } as const;
  assert.deepEqual(traceLink({ search, status: "NotDelivered", ...traceSpan(own) }).search, {
    search: "fabrikam.test",
    as: "domain",
    status: "NotDelivered",
    range: "custom",
    from: "2026-05-01T00:00:00.000Z",
    to: "2026-05-02T00:00:00.000Z",
  });
});
