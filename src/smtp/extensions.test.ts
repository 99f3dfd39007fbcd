import assert from "node:assert/strict";
import { test } from "node:test";
import { MachinePlayer } from "./machine-player.fake.ts";
import type { SessionOptions } from "./session-handler.ts";
import { FAKE_SESSION_OPTIONS } from "./session-options.fake.ts";

type Extensions = SessionOptions["extensions"];

/** Everything on. */
const ON: SessionOptions = {
  ...FAKE_SESSION_OPTIONS,
  startTls: true,
  authMechanisms: { clear: ["PLAIN"], encrypted: ["PLAIN"] },
  extensions: {
    ...FAKE_SESSION_OPTIONS.extensions,
    requireTls: true,
    longAddresses: true,
    orar: true,
    xclient: true,
  },
};
const OPENING = "MAIL FROM:<a@b.test>";
const RECIPIENT = "RCPT TO:<c@d.test>";

/** Without these extensions. */
function without(...names: readonly (keyof Extensions)[]): Partial<SessionOptions> {
  const off = names.map((name) => [name, name === "size" ? "Disabled" : false]);
  return { extensions: { ...ON.extensions, ...Object.fromEntries(off) } };
}

/** Replies to EHLO, and to each line said after it, over TLS. */
function converse(changes: Partial<SessionOptions>, lines: readonly string[]) {
  const player = new MachinePlayer({ ...ON, ...changes });
  player.feed(Buffer.from("HELO c\r\nSTARTTLS\r\n"));
  if (changes.startTls !== false) player.startTls();
  const [hello, ...replies] = ["EHLO c", ...lines].map((line) =>
    player.feed(Buffer.from(`${line}\r\n`)).flatMap((seen) => {
      return seen.kind === "reply" ? seen.lines.map((text) => text.slice(4)) : [];
    }),
  );
  return { keywords: hello?.slice(1) ?? [], replies: replies.map(([first = ""]) => first) };
}

const NOT_RECOGNIZED = "5.5.4 Parameter not recognized or not implemented";
const NOT_IMPLEMENTED = "5.3.3 Command not implemented";
const LONG = "x".repeat(100);

// Off, the EHLO keyword that goes, what shows that it is not taken, and the reply to that.
// PIPELINING promises something and changes nothing: who sends ahead is obeyed in order.
for (const [name, off, keyword, lines, refusal] of [
  ["SIZE", without("size"), "SIZE", [`${OPENING} SIZE=9`], NOT_RECOGNIZED],
  ["PIPELINING", without("pipelining"), "PIPELINING", [`${OPENING}\r\nNOOP`], "2.1.0 Sender OK"],
  ["DSN: RET", without("dsn"), "DSN", [`${OPENING} RET=HDRS`], NOT_RECOGNIZED],
  ["DSN: ENVID", without("dsn"), "DSN", [`${OPENING} ENVID=1`], NOT_RECOGNIZED],
  ["DSN: NOTIFY", without("dsn"), "DSN", [OPENING, `${RECIPIENT} NOTIFY=NEVER`], NOT_RECOGNIZED],
  ["DSN: ORCPT", without("dsn"), "DSN", [OPENING, `${RECIPIENT} ORCPT=a;b`], NOT_RECOGNIZED],
  ["8BITMIME", without("eightBitMime"), "8BITMIME", [`${OPENING} BODY=8BITMIME`], NOT_RECOGNIZED],
  [
    "BINARYMIME",
    without("binaryMime"),
    "BINARYMIME",
    [`${OPENING} BODY=BINARYMIME`],
    NOT_RECOGNIZED,
  ],
  [
    "CHUNKING",
    without("chunking"),
    "CHUNKING",
    [OPENING, RECIPIENT, "BDAT 0 LAST"],
    NOT_IMPLEMENTED,
  ],
  ["SMTPUTF8", without("smtpUtf8"), "SMTPUTF8", [`${OPENING} SMTPUTF8`], NOT_RECOGNIZED],
  ["REQUIRETLS", without("requireTls"), "REQUIRETLS", [`${OPENING} REQUIRETLS`], NOT_RECOGNIZED],
  ["XORAR", without("orar"), "XORAR", [OPENING, `${RECIPIENT} ORAR=e@f.test`], NOT_RECOGNIZED],
  [
    "XLONGADDR",
    without("longAddresses"),
    "XLONGADDR",
    [`MAIL FROM:<${LONG}@b.test>`],
    "5.1.7 Invalid address",
  ],
  [
    "XCLIENT",
    without("xclient"),
    "XCLIENT",
    ["XCLIENT ADDR=192.0.2.9"],
    "5.7.0 Insufficient authorization",
  ],
  [
    "AUTH",
    { authMechanisms: { clear: [], encrypted: [] } },
    "AUTH",
    ["AUTH PLAIN ="],
    NOT_IMPLEMENTED,
  ],
  [
    "AUTH: parameter",
    { authMechanisms: { clear: [], encrypted: [] } },
    "AUTH",
    [`${OPENING} AUTH=<>`],
    NOT_RECOGNIZED,
  ],
  ["LIMITS", without("limits"), "LIMITS", ["NOOP"], "2.0.0 OK"],
  [
    "ENHANCEDSTATUSCODES",
    without("enhancedStatusCodes"),
    "ENHANCEDSTATUSCODES",
    [OPENING],
    "Sender OK",
  ],
] as const) {
  test(`extension ${name}: on, offered and taken; off, neither`, () => {
    const offers = (keywords: readonly string[]) =>
      keywords.some((line) => line.split(" ")[0] === keyword);
    const on = converse({}, lines);
    assert.ok(offers(on.keywords), on.keywords.join());
    if (refusal.startsWith("5.")) assert.notEqual(on.replies.at(-1), refusal);
    const switchedOff = converse(off, lines);
    assert.ok(!offers(switchedOff.keywords), switchedOff.keywords.join());
    assert.equal(switchedOff.replies.at(-1), refusal);
  });
}

test("STARTTLS off: neither offered nor taken", () => {
  const { keywords, replies } = converse({ startTls: false }, ["STARTTLS"]);
  assert.ok(!keywords.includes("STARTTLS"));
  assert.equal(replies[0], NOT_IMPLEMENTED);
});
