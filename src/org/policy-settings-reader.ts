import { buildAddressRewriteEntries } from "./address-rewriting.ts";
import { TRANSPORT_AGENTS } from "./agent-table.ts";
import type { FaultList } from "./configuration-fault.ts";
import type { DeclaredObject } from "./declared-object.ts";
import { buildDkimSigningConfigs } from "./dkim-signing-config.ts";
import { readHygieneSettings } from "./hygiene-reader.ts";
import {
  buildMessageClassifications,
  withClassifications,
} from "./message-classification-reader.ts";
import type { AcceptedDomain } from "./organization.ts";
import type { PolicySettings } from "./policy-settings.ts";
import { type ReadObject, readObjects, readSingle } from "./read-object.ts";
import { readScannerSettings } from "./scanner-reader.ts";
import type { TransportAgentSettings } from "./transport-agent-settings.ts";
import { buildTransportRules } from "./transport-rule.ts";

/** What the objects say of trust and rules; `undefined` when a fault was reported. */
export function readPolicySettings(
  declared: readonly DeclaredObject[],
  faults: FaultList,
  acceptedDomains: readonly AcceptedDomain[],
): PolicySettings | undefined {
  const hygiene = readHygieneSettings(declared, faults);
  const scanning = readScannerSettings(declared, faults);
  const senderIdConfig = readSingle("senderIdConfig", declared, faults)?.values;
  const dkimSigningConfigs = buildDkimSigningConfigs(
    readObjects("dkimSigningConfig", declared, faults),
  );
  const quarantinePolicy = readSingle("quarantinePolicy", declared, faults)?.values;
  if (hygiene === undefined || senderIdConfig === undefined) return undefined;
  if (quarantinePolicy === undefined || scanning === undefined) return undefined;
  const messageClassifications = buildMessageClassifications(
    readObjects("messageClassification", declared, faults),
  );
  return {
    hygiene,
    scanning,
    dkimSigningConfigs,
    senderIdConfig,
    transportAgents: buildTransportAgents(readObjects("transportAgent", declared, faults)),
    transportRules: withClassifications(
      buildTransportRules(readObjects("transportRule", declared, faults)),
      messageClassifications,
    ),
    quarantinePolicy,
    addressRewriteEntries: buildAddressRewriteEntries(
      readObjects("addressRewriteEntry", declared, faults),
      acceptedDomains,
    ),
    journalRules: readObjects("journalRule", declared, faults).map(({ values }) => values),
    messageClassifications,
  };
}

/** An agent that is neither ours nor installed would be a slip of the pen, and silently ignored. */
function buildTransportAgents(
  objects: readonly ReadObject<"transportAgent">[],
): readonly TransportAgentSettings[] {
  const names = Object.values(TRANSPORT_AGENTS).map(({ name }) => name);
  return objects.map(({ values, report }) => {
    const own = names.find((name) => name.toLowerCase() === values.name.toLowerCase());
    const { modulePath } = values;
    if (own === undefined && modulePath === undefined) {
      const text = `name: there is no agent ${values.name}; those of the server are`;
      report("name", `${text} ${names.join(", ")}, others need a modulePath`);
    }
    if (own !== undefined && modulePath !== undefined) {
      report("modulePath", `modulePath: ${own} is part of the server`);
    }
    return own === undefined ? values : { ...values, name: own };
  });
}
