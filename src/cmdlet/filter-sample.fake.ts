import type { OutputObject, OutputType } from "./output-type.ts";

/** A type with a property of every kind, for tests. */
export const SAMPLE_TYPE: OutputType = {
  name: "SampleQueue",
  properties: {
    Identity: { kind: "text", doc: "Server\\Queue." },
    Status: {
      kind: "choice",
      doc: "What it does.",
      choices: ["Active", "Connecting", "Ready", "Retry", "Suspended"],
    },
    MessageCount: { kind: "number", doc: "Messages in it." },
    Velocity: { kind: "number", doc: "Messages per second." },
    NextHopDomain: { kind: "text", doc: "Where it goes." },
    Subject: { kind: "text", doc: "A subject.", hiddenFrom: ["Help Desk"] },
    Size: { kind: "bytes", doc: "Octets." },
    MessageLatency: { kind: "span", doc: "How long it took." },
    DateReceived: { kind: "date", doc: "When it came." },
    NextRetryTime: { kind: "date", doc: "When it is tried again." },
    LastError: { kind: "text", doc: "What went wrong." },
    IsValid: { kind: "boolean", doc: "Whether it is." },
    Recipients: { kind: "list", doc: "To whom." },
    Details: { kind: "object", doc: "More." },
  },
  table: ["Identity", "Status", "MessageCount", "NextHopDomain"],
};

/** One object of that type. */
export const SAMPLE_QUEUE: OutputObject = {
  Identity: "mx1\\7",
  Status: "Retry",
  MessageCount: 12,
  Velocity: -0.5,
  NextHopDomain: "fabrikam.test",
  Subject: "it's (not) -and",
  Size: 10_485_760,
  MessageLatency: "01:30:00",
  DateReceived: "2026-11-21T06:00:00.000Z",
  NextRetryTime: null,
  LastError: null,
  IsValid: true,
  Recipients: ["alice@contoso.test", "bob@contoso.test"],
  Details: { hop: { reply: "451 4.7.1 Greylisted" } },
};
