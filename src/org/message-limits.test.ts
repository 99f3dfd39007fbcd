import assert from "node:assert/strict";
import { test } from "node:test";
import {
  recipientCountMax,
  recipientSizeLimit,
  senderSizeLimit,
  strictestLimit,
} from "./message-limits.ts";
import { sampleContact, sampleMailbox, sampleTransportConfig } from "./sample-objects.fake.ts";

const MB = 1024 * 1024;
const NONE = Number.POSITIVE_INFINITY;

test("the organization allows 10 MB and 500 recipients unless it says otherwise", () => {
  const config = sampleTransportConfig();
  assert.equal(senderSizeLimit(config, undefined).bytesMax, 10 * MB);
  assert.equal(recipientSizeLimit(config, undefined).bytesMax, 10 * MB);
  assert.equal(recipientCountMax(config, undefined), 500);
});

interface Row {
  /** MB; `undefined`: a stranger. */
  readonly sender: number | undefined;
  readonly recipient: number | undefined;
  readonly maxSendSize?: number;
  readonly maxReceiveSize?: number;
  readonly want: readonly [number, string];
}

const ROWS: readonly (readonly [why: string, row: Row])[] = [
  ["between ours, the organization's", { sender: NONE, recipient: NONE, want: [10, "5.3.4"] }],
  ["between ours, above it", { sender: 50, recipient: 40, want: [40, "5.2.3"] }],
  ["between ours, the sender's", { sender: 30, recipient: 40, want: [30, "5.3.4"] }],
  [
    "between ours, only the sender's above it",
    { sender: 50, recipient: NONE, want: [10, "5.2.3"] },
  ],
  ["between ours, below it", { sender: 5, recipient: 7, want: [5, "5.3.4"] }],
  ["from outside, the organization's", { sender: undefined, recipient: 50, want: [10, "5.3.4"] }],
  ["from outside, the recipient's", { sender: undefined, recipient: 2, want: [2, "5.2.3"] }],
  [
    "from outside, MaxSendSize of the organization",
    { sender: undefined, recipient: NONE, maxSendSize: 3, want: [3, "5.3.4"] },
  ],
  [
    "from outside, MaxReceiveSize only where the recipient has none",
    { sender: undefined, recipient: 5, maxReceiveSize: 1, want: [5, "5.2.3"] },
  ],
  ["to outside, the organization's", { sender: 50, recipient: undefined, want: [10, "5.3.4"] }],
  ["to outside, the sender's", { sender: 4, recipient: undefined, want: [4, "5.3.4"] }],
  [
    "to outside, the sender's above MaxSendSize",
    { sender: 5, recipient: undefined, maxSendSize: 1, want: [5, "5.3.4"] },
  ],
  [
    "to outside, MaxReceiveSize of the organization",
    { sender: NONE, recipient: undefined, maxReceiveSize: 2, want: [2, "5.3.4"] },
  ],
  ["relayed for strangers", { sender: undefined, recipient: undefined, want: [10, "5.3.4"] }],
  [
    "none at all",
    {
      sender: NONE,
      recipient: NONE,
      maxSendSize: NONE,
      maxReceiveSize: NONE,
      want: [NONE, "5.3.4"],
    },
  ],
];

for (const [why, row] of ROWS) {
  test(`size of a message ${why}`, () => {
    const config = sampleTransportConfig({
      maxSendSize: (row.maxSendSize ?? 10) * MB,
      maxReceiveSize: (row.maxReceiveSize ?? 10) * MB,
    });
    const sender =
      row.sender === undefined
        ? undefined
        : sampleMailbox("alice@contoso.test", { maxSendSize: row.sender * MB });
    const recipient =
      row.recipient === undefined
        ? undefined
        : sampleMailbox("bob@contoso.test", { maxReceiveSize: row.recipient * MB });
    const limit = strictestLimit(
      senderSizeLimit(config, sender),
      recipientSizeLimit(config, recipient),
    );
    assert.deepEqual([limit.bytesMax / MB, limit.refusal.status], row.want, limit.reason);
  });
}

test("the reason names whose limit it is", () => {
  const config = sampleTransportConfig();
  const contact = { ...sampleContact("c@contoso.test", "c@partner.test"), maxReceiveSize: 7 };
  assert.equal(recipientSizeLimit(config, contact).reason, "maxReceiveSize of c@contoso.test is 7");
  const { reason } = senderSizeLimit(config, undefined);
  assert.equal(reason, "maxSendSize of the organization is 10485760");
});

for (const [why, own, organization, want] of [
  ["the organization's", NONE, 500, 500],
  ["the sender's below it", 3, 500, 3],
  ["the sender's above it", 1000, 500, 1000],
  ["no limit", NONE, NONE, NONE],
] as const) {
  test(`recipients of a message: ${why}`, () => {
    const config = sampleTransportConfig({ maxRecipientEnvelopeLimit: organization });
    assert.equal(
      recipientCountMax(config, sampleMailbox("a@b.test", { recipientLimits: own })),
      want,
    );
  });
}
