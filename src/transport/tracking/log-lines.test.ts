import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AGENT_FIELDS, formatAgentDecision, formatAgentHeader } from "./agent-line.ts";
import { formatProtocolHeader, formatProtocolLine, PROTOCOL_FIELDS } from "./protocol-line.ts";
import { formatQueueHeader, formatQueueState, QUEUE_LOG_FIELDS } from "./queue-line.ts";

const AT_MS = Date.parse("2026-08-05T16:24:41.123Z");
const TIME = "2026-08-05T16:24:41.123Z";
/** Splits as any reader of CSV does. */
const VALUES = /(?:^|,)("(?:[^"]|"")*"|[^",]*)/g;
const countOf = (line: string) => line.trimEnd().match(VALUES)?.length;

const SAMPLE = {
  atMs: AT_MS,
  connector: "Default, Frontend",
  sessionId: "019F3C2A51B00000",
  sequence: 3,
  localEndpoint: "127.0.0.1:25",
  remoteEndpoint: "[2001:db8::1]:4000",
  event: "<",
  data: "EHLO x",
  context: "",
} as const;

test("a line of the protocol log has nine fields", () => {
  assert.equal(
    formatProtocolLine(SAMPLE),
    `${TIME},"Default, Frontend",019F3C2A51B00000,3,127.0.0.1:25,[2001:db8::1]:4000,<,EHLO x,\r\n`,
  );
  assert.match(formatProtocolHeader("Send", AT_MS), /#Log-type: SMTP Send Protocol Log\r\n/);
  assert.match(formatProtocolHeader("Receive", AT_MS), /,event,data,context\r\n$/);
});

const DECISION = {
  sessionId: "1",
  localEndpoint: "127.0.0.1:25",
  remoteEndpoint: "192.0.2.1:4",
  enteredOrgFromIp: "192.0.2.1",
  p1FromAddress: "<>",
  agent: "Recipient Filter Agent",
  event: "OnRcptCommand",
  action: "RejectCommand",
  smtpResponse: "550 5.1.10 No, nobody",
  reason: "RecipientDoesNotExist",
  reasonData: "Default",
} as const;

test("a decision has a line for each recipient, or one without", () => {
  const two = formatAgentDecision({ ...DECISION, recipients: ["a@x.test", "b@x.test"] }, AT_MS);
  const lines = two.trimEnd().split("\r\n");
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", /^2026.*,1,127.*,<>,,b@x\.test,2,Recipient Filter Agent,/);
  assert.match(lines[0] ?? "", /,RejectCommand,"550 5\.1\.10 No, nobody",RecipientDoesNotExist,/);
  for (const line of lines) assert.equal(countOf(line), AGENT_FIELDS.length);
  assert.equal(formatAgentDecision({ ...DECISION, recipients: [] }, AT_MS).split("\r\n").length, 2);
  assert.ok(formatAgentHeader(AT_MS).endsWith(`${AGENT_FIELDS.join(",")}\r\n`));
});

test("a queue's line has its properties, lists joined", () => {
  const state = { Identity: "s\\3", MessageCountsPerPriority: ["0", "2"], LastRetryTime: null };
  const line = formatQueueState(state, "S", AT_MS);
  assert.match(line, new RegExp(`^${TIME},S,s\\\\3,`));
  assert.match(line, /,0;2,/);
  assert.equal(countOf(line), QUEUE_LOG_FIELDS.length);
  assert.match(formatQueueHeader(AT_MS), /#Fields: date-time,snapshot,Identity,/);
});

test("whatever a peer says, a line stays one line with all its fields", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const lines = [
        [formatProtocolLine({ ...SAMPLE, data: text, context: text }), PROTOCOL_FIELDS.length],
        [formatAgentDecision({ ...DECISION, recipients: [text] }, AT_MS), AGENT_FIELDS.length],
        [formatQueueState({ LastError: text }, "S", AT_MS), QUEUE_LOG_FIELDS.length],
      ] as const;
      for (const [line, count] of lines) {
        assert.equal(line.indexOf("\r\n"), line.length - 2);
        assert.ok(!line.slice(0, -2).includes("\n"));
        assert.equal(countOf(line), count);
      }
    }),
  );
});
