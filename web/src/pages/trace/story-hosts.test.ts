import assert from "node:assert/strict";
import { test } from "node:test";
import { hostsOf } from "./story-hosts.ts";

test("hostsOf: each host once, with the time around all that it had to do with it", () => {
  const hosts = hostsOf([
    { Host: "client.test [192.0.2.1]", Date: "2026-03-01T10:00:00.000Z" },
    { Host: null, Date: "2026-03-01T10:00:01.000Z" },
    { Host: "mx.test [2001:db8::1]", Date: "2026-03-01T10:10:00.000Z" },
    { Host: "[2001:db8::1]", Date: "2026-03-01T10:20:00.000Z" },
    { Host: "an unknown host", Date: "2026-03-01T10:20:00.000Z" },
    { Host: "x [192.0.2.9]", Date: "nonsense" },
  ]);
  assert.deepEqual(hosts, [
    {
      name: "client.test [192.0.2.1]",
      address: "192.0.2.1",
      from: "2026-03-01T09:55:00.000Z",
      to: "2026-03-01T10:05:00.000Z",
    },
    {
      name: "mx.test [2001:db8::1]",
      address: "2001:db8::1",
      from: "2026-03-01T10:05:00.000Z",
      to: "2026-03-01T10:25:00.000Z",
    },
  ]);
  const many = Array.from({ length: 99 }, (_, at) => ({
    Host: `h [192.0.2.${at}]`,
    Date: "2026-03-01T10:00:00.000Z",
  }));
  assert.equal(hostsOf(many).length, 10);
});
