import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE, send, setUp } from "./receive-stage.fake.ts";
import { sampleConnector } from "./sample-organization.fake.ts";

const ANY_RECIPIENT = { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] } as const;

for (const [who, connector, want] of [
  ["a stranger", {}, undefined],
  ["a device that may send to any recipient", { extendedRights: ANY_RECIPIENT }, true],
  [
    "another server of ours, which says of each message whose it is",
    {
      authMechanism: ["ExternalAuthoritative"],
      permissionGroups: ["ExchangeServers"],
      extendedRights: ANY_RECIPIENT,
    },
    undefined,
  ],
] as const) {
  test(`mail of ${who} ${want ? "may" : "does not by that"} speak for us`, async () => {
    const stage = setUp({ connector: sampleConnector(connector) });
    assert.match(await send(stage.session(), MESSAGE), /^250 /);
    assert.equal(stage.queue.submissions[0]?.message.origin.mayRelay, want);
  });
}
