import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ClientOptions } from "./client-event.ts";
import { GREETING, PIPELINING, PLAIN, type Script, type Talk, talk } from "./client-talk.fake.ts";

const EHLO = "EHLO us.test\r\n";
const HELO = "HELO us.test\r\n";
const TLS_OFFER = "250-peer.test\r\n250 STARTTLS\r\n";
const QUIET = { recipients: 0 } as const;

const OPENING: readonly (readonly [string, Script, Partial<ClientOptions>, Talk])[] = [
  ["EHLO", [GREETING, PIPELINING], {}, { said: [EHLO], events: ["ready"] }],
  [
    "EHLO refused, HELO",
    [GREETING, "502 no\r\n", PLAIN],
    {},
    { said: [EHLO, HELO], events: ["ready"] },
  ],
  [
    "both refused",
    [GREETING, "500 no\r\n", "550 no\r\n"],
    {},
    { said: [EHLO, HELO], events: ["ended refused 550"] },
  ],
  [
    "EHLO refused for now",
    [GREETING, "450 no\r\n"],
    {},
    { said: [EHLO], events: ["ended refused 450"] },
  ],
  ["421 to EHLO", [GREETING, "421 no\r\n"], {}, { said: [EHLO], events: ["ended closing 421"] }],
  ["ForceHELO", [GREETING, PLAIN], { forceHelo: true }, { said: [HELO], events: ["ready"] }],
  [
    "LHLO",
    [GREETING, PLAIN],
    { protocol: "lmtp" },
    { said: ["LHLO us.test\r\n"], events: ["ready"] },
  ],
  [
    "LHLO has no fallback",
    [GREETING, "500 no\r\n"],
    { protocol: "lmtp" },
    { said: ["LHLO us.test\r\n"], events: ["ended refused 500"] },
  ],
  ["554 greeting", ["554 go away\r\n"], {}, { said: [], events: ["ended refused 554"] }],
  ["421 greeting", ["421 busy\r\n"], {}, { said: [], events: ["ended closing 421"] }],
  ["odd greeting", ["250 hi\r\n"], {}, { said: [], events: ["ended violation greeting 250"] }],
  [
    "several lines of greeting",
    ["220-peer.test\r\n220-no spam\r\n220 please\r\n", PLAIN],
    {},
    { said: [EHLO], events: ["ready"] },
  ],
  [
    "354 to EHLO",
    [GREETING, "354 go\r\n"],
    {},
    { said: [EHLO], events: ["ended violation 354 to EHLO"] },
  ],
  [
    "reply before EHLO was sent",
    [`${GREETING}250 x\r\n`],
    {},
    { said: [EHLO], events: ["ended violation reply before its command"] },
  ],
  [
    "not SMTP",
    ["SSH-2.0-OpenSSH_9\r\n"],
    {},
    { said: [], events: ["ended violation not a reply: SSH-2.0-OpenSSH_9"] },
  ],
  ["ourselves in the greeting", ["220 US.test hi\r\n"], {}, { said: [], events: ["ended self"] }],
  [
    "ourselves in EHLO",
    ["220 x\r\n", "250 us.test\r\n"],
    {},
    { said: [EHLO], events: ["ended self"] },
  ],
  [
    "goodbye while idle",
    [GREETING, PLAIN, "421 idle\r\n"],
    {},
    { said: [EHLO], events: ["ready", "ended closing 421"] },
  ],
  [
    "noise while idle",
    [GREETING, PLAIN, "250 hm\r\n"],
    {},
    { said: [EHLO], events: ["ready", "ended violation unexpected reply 250"] },
  ],
  ["lost before the greeting", ["LOST"], {}, { said: [], events: ["ended lost closed"] }],
  [
    "STARTTLS",
    [GREETING, TLS_OFFER, "220 go\r\n", "TLS", PLAIN],
    {},
    { said: [EHLO, "STARTTLS\r\n", EHLO], events: ["start-tls", "ready"] },
  ],
  [
    "STARTTLS offered again",
    [GREETING, TLS_OFFER, "220 go\r\n", "TLS", TLS_OFFER],
    {},
    { said: [EHLO, "STARTTLS\r\n", EHLO], events: ["start-tls", "ready"] },
  ],
  [
    "STARTTLS refused",
    [GREETING, TLS_OFFER, "502 no\r\n"],
    {},
    { said: [EHLO, "STARTTLS\r\n"], events: ["ready"] },
  ],
  [
    "STARTTLS refused, required",
    [GREETING, TLS_OFFER, "454 no\r\n"],
    { startTls: "required" },
    { said: [EHLO, "STARTTLS\r\n"], events: ["ended refused 454"] },
  ],
  [
    "STARTTLS required, not offered",
    [GREETING, PLAIN],
    { startTls: "required" },
    { said: [EHLO], events: ["ended tls-missing"] },
  ],
  [
    "STARTTLS required, HELO only",
    [GREETING, "500 no\r\n", PLAIN],
    { startTls: "required" },
    { said: [EHLO, HELO], events: ["ended tls-missing"] },
  ],
  [
    "STARTTLS ignored",
    [GREETING, TLS_OFFER],
    { startTls: "never" },
    { said: [EHLO], events: ["ready"] },
  ],
  [
    "bytes behind STARTTLS",
    [GREETING, TLS_OFFER, "220 go\r\n250 injected\r\n"],
    {},
    { said: [EHLO, "STARTTLS\r\n"], events: ["ended violation data before the TLS handshake"] },
  ],
  [
    "part of a line behind STARTTLS",
    [GREETING, TLS_OFFER, "220 go\r\n2"],
    {},
    { said: [EHLO, "STARTTLS\r\n"], events: ["ended violation data before the TLS handshake"] },
  ],
  [
    "bytes between STARTTLS and handshake",
    [GREETING, TLS_OFFER, "220 go\r\n", "x"],
    {},
    {
      said: [EHLO, "STARTTLS\r\n"],
      events: ["start-tls", "ended violation data before the TLS handshake"],
    },
  ],
];

for (const [why, script, options, want] of OPENING) {
  test(`client opens: ${why}`, () => assert.deepEqual(talk(script, { ...QUIET, options }), want));
}

test("property: the cuts of the server's bytes make no difference to the opening", () => {
  // Where the fault is that bytes come too early, the cut decides what is early.
  const rows = OPENING.filter(([why]) => !/before|behind|between/.test(why));
  fc.assert(
    fc.property(fc.constantFrom(...rows), fc.array(fc.nat(), { maxLength: 12 }), (row, cuts) => {
      const [, script, options, want] = row;
      const got = talk(script, { ...QUIET, options, cuts });
      assert.deepEqual(got.events, want.events);
      assert.equal(got.said.join(""), want.said.join(""));
    }),
  );
});
