import assert from "node:assert/strict";
import { test } from "node:test";
import { hostsOf, sessionStart } from "./story-hosts.ts";

test("hostsOf: each host once, with the time around all that it had to do with it", () => {
  const hosts = hostsOf([
    { Host: "client.test [192.0.2.1]", SessionId: null, Date: "2026-03-01T10:00:00.000Z" },
    { Host: null, SessionId: null, Date: "2026-03-01T10:00:01.000Z" },
    { Host: "mx.test [2001:db8::1]", SessionId: "A", Date: "2026-03-01T10:10:00.000Z" },
    { Host: "[2001:db8::1]", SessionId: "B", Date: "2026-03-01T10:20:00.000Z" },
    { Host: "[2001:db8::1]", SessionId: "A", Date: "2026-03-01T10:20:00.000Z" },
    { Host: "an unknown host", SessionId: null, Date: "2026-03-01T10:20:00.000Z" },
    { Host: "x [192.0.2.9]", SessionId: null, Date: "nonsense" },
  ]);
  assert.deepEqual(hosts, [
    {
      name: "client.test [192.0.2.1]",
      address: "192.0.2.1",
      sessions: [],
      from: "2026-03-01T09:55:00.000Z",
      to: "2026-03-01T10:05:00.000Z",
    },
    {
      name: "mx.test [2001:db8::1]",
      address: "2001:db8::1",
      sessions: ["A", "B"],
      from: "2026-03-01T10:05:00.000Z",
      to: "2026-03-01T10:25:00.000Z",
    },
  ]);
  const many = Array.from({ length: 99 }, (_, at) => ({
    Host: `h [192.0.2.${at}]`,
    SessionId: null,
    Date: "2026-03-01T10:00:00.000Z",
  }));
  assert.equal(hostsOf(many).length, 10);
});

test("sessionStart: an id begins with the time", () => {
  assert.equal(sessionStart("18BCFE5680000000"), "2023-11-14T22:13:20.000Z");
});
