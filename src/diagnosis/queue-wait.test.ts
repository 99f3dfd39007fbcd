import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../base/units.ts";
import { address } from "../mail/address.fake.ts";
import { plainOrganization } from "../org/sample-objects.fake.ts";
import { sampleMessage, sampleRecipient } from "../store/queue-contract.ts";
import { HEALTHY } from "../store/queue-rows.ts";
import { DUE_NOW_MS, type QueuedRecipient, type QueueState } from "../store/queue-store.ts";
import type { ListedQueue } from "../transport/queue/queue-listing.ts";
import type { StateRequest } from "./component-state.ts";
import { waitSteps } from "./queue-wait.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const NONE = { High: 0, Normal: 0, Low: 0 };

function told(facts: {
  readonly id?: number;
  readonly state?: Partial<QueueState>;
  readonly pace?: ListedQueue["pace"];
  readonly recipient?: Partial<QueuedRecipient>;
  readonly dueMs?: number;
  readonly requests?: readonly StateRequest[];
}): readonly string[] {
  const { id = 7, dueMs = DUE_NOW_MS, requests = [] } = facts;
  const key = {
    deliveryType: "DnsConnectorDelivery",
    nextHopDomain: "fabrikam.test",
    nextHopConnector: "Internet",
  } as const;
  const recipient = sampleRecipient(0, {
    address: address("bob@fabrikam.test"),
    expiresMs: NOW_MS + MINUTE,
    lastError: undefined,
    ...facts.recipient,
  });
  const steps = waitSteps({
    located: {
      message: sampleMessage(1),
      queue: { id, key },
      status: "Retry",
      recipients: [{ recipient, status: "Retry", dueMs }],
      recipientCount: 1,
    },
    queue: {
      ...{ id, key, status: "Retry", messages: NONE, deferred: NONE },
      ...{ incomingRate: 0, outgoingRate: 0, pace: facts.pace },
      state: { ...HEALTHY, ...facts.state },
    },
    organization: plainOrganization(),
    stateRequests: requests,
    nowMs: NOW_MS,
  });
  return [...steps].map(
    ({ verdict, name, decision, why }) => `${verdict} ${name}: ${decision} | ${why}`,
  );
}

const has = (lines: readonly string[], pattern: RegExp) =>
  assert.ok(
    lines.some((line) => pattern.test(line)),
    `${pattern} in\n${lines.join("\n")}`,
  );

test("a queue that backs off says at which attempt it is, and when it goes on", () => {
  const state = { failureCount: 6, nextRetryMs: NOW_MS + 5 * MINUTE, lastError: "451 4.4.1 no" };
  const lines = told({ state });
  has(lines, /^Fail Last error: 451 4\.4\.1 no \| failed attempts in a row: 6/);
  has(lines, /^Info Next retry: 2026-01-01T00:05:00\.000Z, in 00:05:00 \| attempt 2 of 6 /);
});

test("who has suspended the queue, or the recipient", () => {
  has(
    told({ state: { suspended: true, suspendedBy: "carol" } }),
    /^Fail Queue suspended: by carol/,
  );
  has(told({ recipient: { suspended: true } }), /^Fail bob@fabrikam\.test: suspended/);
});

test("a recipient that waits by itself", () => {
  const recipient = { attemptCount: 2, lastError: "451 4.2.1 later" };
  has(
    told({ recipient, dueMs: NOW_MS + MINUTE }),
    /^Warning bob@fabrikam\.test: tried again .*in 00:01:00 \| deferred 2 times.*451 4\.2\.1/,
  );
});

test("what is out of service, and by whom", () => {
  const request = { component: "HubTransport", requester: "Maintenance", by: "root" } as const;
  const inactive = [{ ...request, state: "Inactive", atMs: NOW_MS }] as const;
  has(told({ requests: inactive }), /^Fail Out of service: .*HubTransport by root \(Maintenance\)/);
  const draining = [{ ...request, state: "Draining", atMs: NOW_MS }] as const;
  assert.ok(!told({ requests: draining }).some((line) => line.includes("Out of service")));
});

test("what a destination has taught us, and the fixed queues", () => {
  const pace = { connectionsMax: 2, messagesPerMinute: 60 };
  has(told({ pace }), /^Info Learned pace: 60 messages a minute, 2 connections/);
  has(told({ id: -1 }), /^Fail Why it waits: no send connector/);
  has(told({ id: -2 }), /^Fail Why it waits: it has ended threads/);
});
