import { assert } from "../base/assert.ts";
import { type SampleFields, sampleLine } from "./tracking-lines.fake.ts";
import { parseTrackingLine, type TrackingRecord } from "./tracking-record.ts";

/** An event as the log would give it back. */
export function sampleRecord(fields: SampleFields, atMs = 0): TrackingRecord {
  const record = parseTrackingLine(sampleLine(fields, atMs).trimEnd());
  assert(record !== undefined, "a sample line is whole");
  return record;
}

/** An event of one message for one recipient. */
export function sampleEvent(
  event: string,
  recipient: string,
  fields: SampleFields = {},
  atMs = 0,
): TrackingRecord {
  const all = { "event-id": event, "recipient-address": recipient, ...fields };
  return sampleRecord(all, atMs);
}

/**
 * A message to a group, an alias and somebody who forwards: expanded, resolved, redirected, forked;
 * sent to one, delivered to one, put off and failed for one, whose sender was told.
 */
export const SAMPLE_STORY: readonly TrackingRecord[] = [
  sampleRecord({
    "recipient-address": "team@contoso.test;a.smith@contoso.test;carol@contoso.test",
    "recipient-count": "3",
  }),
  sampleEvent(
    "EXPAND",
    "someone@fabrikam.test;bob@contoso.test",
    { "recipient-count": "2", source: "ROUTING", "related-recipient-address": "team@contoso.test" },
    10,
  ),
  sampleEvent(
    "RESOLVE",
    "alice@contoso.test",
    { source: "ROUTING", "related-recipient-address": "a.smith@contoso.test" },
    10,
  ),
  sampleEvent(
    "REDIRECT",
    "dave@wingtip.test",
    { source: "ROUTING", "related-recipient-address": "carol@contoso.test" },
    10,
  ),
  sampleEvent(
    "TRANSFER",
    "someone@fabrikam.test",
    { source: "ROUTING", "internal-message-id": "18", reference: "17" },
    11,
  ),
  sampleEvent(
    "SEND",
    "someone@fabrikam.test",
    {
      "internal-message-id": "18",
      "recipient-status": "250 2.0.0 Taken",
      "server-ip": "198.51.100.7",
      "server-hostname": "mx.fabrikam.test",
      "connector-id": "Internet",
      "custom-data": "S:TlsVersion=TLSv1.3;S:TlsCipher=X;S:TlsPolicy=Opportunistic",
    },
    300,
  ),
  sampleEvent(
    "DELIVER",
    "alice@contoso.test",
    { source: "STOREDRIVER", "recipient-status": "250 2.1.5 Delivered" },
    400,
  ),
  sampleEvent(
    "DEFER",
    "dave@wingtip.test",
    {
      "recipient-status": "451 4.7.1 Greylisted, come back",
      "server-ip": "203.0.113.4",
      "server-hostname": "mx.wingtip.test",
    },
    500,
  ),
  sampleEvent(
    "FAIL",
    "dave@wingtip.test",
    {
      "recipient-status": "550 5.1.1 No, nobody",
      "server-ip": "203.0.113.4",
      "server-hostname": "mx.wingtip.test",
    },
    900_000,
  ),
  sampleEvent(
    "DSN",
    "dave@wingtip.test",
    { source: "DSN", "recipient-status": "failed", reference: "<notice@mail.contoso.test>" },
    900_001,
  ),
];
