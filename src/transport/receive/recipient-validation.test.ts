import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import type { Right } from "../../org/organization.ts";
import { decideRecipient } from "./recipient-policy.ts";
import { sampleConnector, sampleOrganization } from "./sample-organization.fake.ts";

const ORGANIZATION = sampleOrganization();
const NO_RIGHTS: ReadonlySet<Right> = new Set();

for (const [changes, want] of [
  [{}, "refuse"],
  [{ recipientValidationEnabled: false }, "accept"],
  [{ enabled: false }, "accept"],
] as const) {
  test(`decideRecipient: unknown recipients with ${JSON.stringify(changes)}: ${want}`, () => {
    const { hygiene } = ORGANIZATION;
    const recipientFilterConfig = { ...hygiene.recipientFilterConfig, ...changes };
    const organization = { ...ORGANIZATION, hygiene: { ...hygiene, recipientFilterConfig } };
    const rules = { rights: NO_RIGHTS, isAuthenticated: false, connector: sampleConnector() };
    const decision = decideRecipient(organization, rules, address("nobody@contoso.test"));
    assert.equal(decision.kind === "look-up" && decision.ifUnknown, want);
  });
}

for (const [domainType, addressBookEnabled, want] of [
  ["Authoritative", undefined, "refuse"],
  ["Authoritative", false, "accept"],
  ["InternalRelay", undefined, "accept"],
  ["InternalRelay", true, "refuse"],
] as const) {
  test(`decideRecipient: unknown in ${domainType}, address book ${addressBookEnabled}`, () => {
    const acceptedDomains = ORGANIZATION.acceptedDomains.map((one) => ({
      ...one,
      domainType,
      addressBookEnabled,
    }));
    for (const isAuthenticated of [false, true]) {
      const rules = { rights: NO_RIGHTS, isAuthenticated, connector: sampleConnector() };
      const organization = { ...ORGANIZATION, acceptedDomains };
      const decision = decideRecipient(organization, rules, address("nobody@contoso.test"));
      const answer = decision.kind === "look-up" ? decision.ifUnknown : decision.kind;
      assert.equal(answer, want);
    }
  });
}
