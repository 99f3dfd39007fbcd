import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { injectedBytes, needsSmtpUtf8, readReplayHeader } from "./replay-header.ts";

const read = (...lines: readonly string[]) =>
  readReplayHeader(parseHeaderFields(Buffer.from(lines.join("\r\n"))));

test("all fields", () => {
  assert.deepEqual(
    read(
      "X-Sender: <a@x.test> BODY=7bit RET=HDRS ENVID=abc+2B auth=<someone>",
      "X-Receiver: <b@y.test> NOTIFY=NEVER",
      "X-Receiver: <c@y.test> NOTIFY=DELAY,FAILURE ORcpt=rfc822;c+2Bd@y.test",
      "X-Receiver: <B@y.test>",
      "X-CreatedBy: MSExchange15",
      "X-HeloDomain: gateway.example",
      "X-Source: FaxGateway",
      "X-SourceIPAddress: 192.0.2.7",
    ),
    {
      kind: "message",
      envelope: { sender: "a@x.test", body: "7BIT", ret: "HDRS", envid: "abc+" },
      recipients: [
        { address: "b@y.test", originalRecipient: undefined, notify: [], status: "" },
        {
          address: "c@y.test",
          originalRecipient: { type: "rfc822", address: "c+d@y.test" },
          notify: ["DELAY", "FAILURE"],
          status: "",
        },
      ],
      fault: undefined,
      trustsHeaders: true,
      sourceName: "FaxGateway",
      sourceAddress: "192.0.2.7",
      heloDomain: "gateway.example",
    },
  );
});

test("defaults", () => {
  const reading = read("X-Sender: a@x.test", "X-Receiver: b@y.test");
  assert.ok(reading.kind === "message");
  assert.equal(reading.trustsHeaders, false);
  assert.equal(reading.sourceName, "Replay");
  assert.equal(reading.sourceAddress, "0.0.0.0");
});

for (const [why, lines, want] of [
  ["null sender", ["X-Sender: <>", "X-Receiver: <b@y.test>"], "ok"],
  ["no sender", ["X-Receiver: <b@y.test>"], "badmail"],
  [
    "two senders",
    ["X-Sender: <a@x.test>", "X-Sender: <c@x.test>", "X-Receiver: <b@y.test>"],
    "badmail",
  ],
  ["bad sender", ["X-Sender: <a>", "X-Receiver: <b@y.test>"], "badmail"],
  ["bad parameter", ["X-Sender: <a@x.test> BODY=9BIT", "X-Receiver: <b@y.test>"], "badmail"],
  ["no receiver", ["X-Sender: <a@x.test>"], "badmail"],
  ["only a bad receiver", ["X-Sender: <a@x.test>", "X-Receiver: <b>"], "badmail"],
  [
    "one bad receiver",
    ["X-Sender: <a@x.test>", "X-Receiver: <b>", "X-Receiver: <b@y.test>"],
    "fault",
  ],
  [
    "one bad receiver, null sender",
    ["X-Sender: <>", "X-Receiver: <b>", "X-Receiver: <b@y.test>"],
    "badmail",
  ],
] as const) {
  test(`readReplayHeader: ${why}`, () => {
    const reading = read(...lines);
    const found =
      reading.kind === "badmail" ? "badmail" : reading.fault === undefined ? "ok" : "fault";
    assert.equal(found, want);
  });
}

const FULL = "X-Sender: <a@x.test>\r\nX-Receiver: <b@y.test>\r\n NOTIFY=NEVER\r\n";

for (const [why, text, isWhole, want] of [
  ["up to the message", `${FULL}Subject: x\r\n`, false, FULL.length],
  ["up to an empty line", `${FULL}\r\nbody`, false, FULL.length],
  ["nothing but", FULL, true, FULL.length],
  ["nothing but, so far", FULL, false, undefined],
  ["cut in a name", `${FULL}Subj`, false, undefined],
  ["cut in a value", "X-Sender: <a", false, undefined],
  ["bare LF", "X-Sender: <a@x.test>\nSubject: x\n", false, 21],
  ["none", "Subject: x\r\n", false, 0],
  ["a long line of the message", `${FULL}X: ${"y".repeat(200)}`, false, FULL.length],
] as const) {
  test(`injectedBytes: ${why}`, () => {
    assert.equal(injectedBytes(Buffer.from(text), isWhole), want);
  });
}

test("needsSmtpUtf8 looks at all addresses", () => {
  const [plain, wide] = [address("a@x.test"), address("jürgen@x.test")];
  assert.equal(needsSmtpUtf8(plain, [{ address: plain }]), false);
  assert.equal(needsSmtpUtf8(wide, [{ address: plain }]), true);
  assert.equal(needsSmtpUtf8("", [{ address: plain }, { address: wide }]), true);
});
