import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "../../mail/address.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import { formatConnectivityEvent, formatConnectivityHeader } from "./connectivity-line.ts";
import type { TrackingEvent } from "./event.ts";
import { formatTrackingEvent, formatTrackingHeader, TRACKING_FIELDS } from "./tracking-line.ts";

const NOW_MS = Date.UTC(2026, 10, 5, 13, 7, 9, 42);
const ALICE = parseAddress("alice@contoso.test", { smtpUtf8: false });
assert.ok(ALICE);

const MESSAGE: QueuedMessage = {
  id: 4711,
  networkMessageId: "8f14e45f-ceea-467f-9575-1b2c3d4e5f60",
  contentId: 4711,
  contentBytes: 4096,
  envelope: {
    sender: ALICE,
    body: "7BIT",
    smtpUtf8: false,
    ret: undefined,
    envid: undefined,
  },
  edits: [],
  internetMessageId: "<1@contoso.test>",
  subject: "Offer, revised",
  headerFrom: "boss@contoso.test",
  receivedMs: NOW_MS - 1000,
  priority: "Normal",
  origin: {
    source: "SMTP",
    connector: "Default Frontend",
    clientAddress: "192.0.2.7",
    clientName: "client.example",
    serverAddress: "192.0.2.1",
    directionality: "Incoming",
  },
};

const RECEIVE: TrackingEvent = {
  event: "RECEIVE",
  source: "SMTP",
  message: MESSAGE,
  recipients: [{ address: "bob@contoso.test", status: "250 2.1.5 Recipient OK" }],
};

/** A strict reader of one CSV line (RFC 4180), so that what we write is checked by other code. */
function readCsvLine(line: string): readonly string[] {
  assert.ok(line.endsWith("\r\n"));
  const text = line.slice(0, -2);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        assert.ok(at < text.length, "quote without end");
        if (text[at] === '"') at += 1;
        field += text[at];
      }
      at += 1;
    } else {
      while (at < text.length && text[at] !== ",") {
        assert.notEqual(text[at], '"');
        field += text[at++];
      }
    }
    fields.push(field);
    if (at >= text.length) return fields;
    assert.equal(text[at++], ",");
  }
}

function read(line: string): Readonly<Record<string, string>> {
  const values = readCsvLine(line);
  assert.equal(values.length, 30);
  return Object.fromEntries(TRACKING_FIELDS.map((name, index) => [name, values[index] ?? ""]));
}

test("RECEIVE takes both ends of the session, the sizes and the senders from the message", () => {
  const fields = read(
    formatTrackingEvent(RECEIVE, NOW_MS, { subjectLogging: true, serverName: "mail.contoso.test" }),
  );
  const { "log-id": logId, ...rest } = fields;
  assert.match(logId ?? "", /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  assert.deepEqual(rest, {
    "date-time": "2026-11-05T13:07:09.042Z",
    "client-ip": "192.0.2.7",
    "client-hostname": "client.example",
    "server-ip": "192.0.2.1",
    "server-hostname": "mail.contoso.test",
    "source-context": "",
    "connector-id": "Default Frontend",
    source: "SMTP",
    "event-id": "RECEIVE",
    "internal-message-id": "4711",
    "message-id": "<1@contoso.test>",
    "network-message-id": "8f14e45f-ceea-467f-9575-1b2c3d4e5f60",
    "recipient-address": "bob@contoso.test",
    "recipient-status": "250 2.1.5 Recipient OK",
    "total-bytes": "4096",
    "recipient-count": "1",
    "related-recipient-address": "",
    reference: "",
    "message-subject": "Offer, revised",
    "sender-address": "boss@contoso.test",
    "return-path": "alice@contoso.test",
    "message-info": "",
    directionality: "Incoming",
    "tenant-id": "",
    "original-client-ip": "192.0.2.7",
    "original-server-ip": "192.0.2.1",
    "custom-data": "",
    "transport-traffic-type": "Email",
    "schema-version": "15.00.0000.000",
  });
});

test("SEND names our end and the next hop's as given, and when the message came", () => {
  const fields = read(
    formatTrackingEvent(
      {
        ...RECEIVE,
        event: "SEND",
        connector: "Internet",
        clientAddress: "192.0.2.1",
        clientName: "mail.contoso.test",
        serverAddress: "198.51.100.9",
        serverName: "mx.fabrikam.test",
        recipients: [
          { address: "x@fabrikam.test", status: "250 2.1.5 OK; accepted" },
          { address: "y@fabrikam.test", status: "250 2.1.5 OK" },
        ],
      },
      NOW_MS,
    ),
  );
  assert.equal(fields["client-ip"], "192.0.2.1");
  assert.equal(fields["server-hostname"], "mx.fabrikam.test");
  assert.equal(fields["connector-id"], "Internet");
  assert.equal(fields["message-info"], "2026-11-05T13:07:08.042Z");
  assert.equal(fields["recipient-address"], "x@fabrikam.test;y@fabrikam.test");
  assert.equal(fields["recipient-status"], "250 2.1.5 OK, accepted;250 2.1.5 OK");
  assert.equal(fields["recipient-count"], "2");
});

for (const [event, wanted] of [
  ["FAIL", ""],
  ["DEFER", ""],
  ["DSN", ""],
] as const) {
  test(`${event} does not take the client's end for its own`, () => {
    const fields = read(formatTrackingEvent({ ...RECEIVE, event }, NOW_MS));
    assert.equal(fields["client-ip"], wanted);
    assert.equal(fields["connector-id"], wanted);
    assert.equal(fields["original-client-ip"], "192.0.2.7");
  });
}

test("a null sender is <>, and no author falls back to the envelope's sender", () => {
  const notice = {
    ...MESSAGE,
    headerFrom: "",
    envelope: { ...MESSAGE.envelope, sender: "" },
  } as const;
  const fields = read(formatTrackingEvent({ ...RECEIVE, message: notice }, NOW_MS));
  assert.equal(fields["return-path"], "<>");
  assert.equal(fields["sender-address"], "");
  const anonymous = { ...MESSAGE, headerFrom: "" };
  const other = read(formatTrackingEvent({ ...RECEIVE, message: anonymous }, NOW_MS));
  assert.equal(other["sender-address"], "alice@contoso.test");
});

test("the subject can be left out", () => {
  const options = { subjectLogging: false, serverName: "" };
  assert.equal(read(formatTrackingEvent(RECEIVE, NOW_MS, options))["message-subject"], "");
});

const hostile = fc.string({
  unit: fc.constantFrom(...'\r\n\0\t\x1b\x7f\u0085\u2028,";#=é😀ab '),
  maxLength: 12,
});

test("no value can end the line, add a field or start another line", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 9, maxLength: 9 }), (texts) => {
      const [a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = "", i = ""] = texts;
      const message = {
        ...MESSAGE,
        internetMessageId: a,
        subject: b,
        headerFrom: c,
        origin: { ...MESSAGE.origin, clientName: d },
      };
      const recipients = [
        { address: e, status: f },
        { address: g, status: h },
      ];
      const line = formatTrackingEvent({ ...RECEIVE, message, recipients, customData: i }, NOW_MS);
      const fields = read(line);
      const clean = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
      assert.equal(fields["message-subject"], clean(b));
      assert.equal(fields["custom-data"], clean(i));
      assert.equal(fields["recipient-address"]?.split(";").length, 2);
      assert.equal(fields["recipient-status"]?.split(";").length, 2);
      assert.doesNotMatch(line.slice(0, -2), /[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("a file opens with the five comment lines of Exchange's logs, in our name", () => {
  assert.deepEqual(formatTrackingHeader(NOW_MS).split("\r\n"), [
    "#Software: Postrider",
    "#Version: 15.00.0000.000",
    "#Log-type: Message Tracking Log",
    "#Date: 2026-11-05T13:07:09.042Z",
    `#Fields: ${TRACKING_FIELDS.join(",")}`,
    "",
  ]);
});

test("the connectivity log has six fields and its own header", () => {
  const event = {
    session: "08DE1C2B3A4F5E6D",
    source: "SMTP",
    destination: "fabrikam.test",
    direction: ">",
    description: "mx.fabrikam.test[198.51.100.9], 10\r\ninjected",
  } as const;
  assert.deepEqual(readCsvLine(formatConnectivityEvent(event, NOW_MS)), [
    "2026-11-05T13:07:09.042Z",
    "08DE1C2B3A4F5E6D",
    "SMTP",
    "fabrikam.test",
    ">",
    "mx.fabrikam.test[198.51.100.9], 10 injected",
  ]);
  const header = formatConnectivityHeader(NOW_MS);
  assert.match(header, /\r\n#Log-type: Transport Connectivity Log\r\n/);
  assert.match(
    header,
    /\r\n#Fields: date-time,session,source,Destination,direction,description\r\n$/,
  );
});
