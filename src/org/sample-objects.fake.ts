import { assert } from "../base/assert.ts";
import { domain } from "../mail/address.fake.ts";
import { parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";
import type {
  AcceptedDomain,
  DistributionGroup,
  Mailbox,
  MailContact,
  Organization,
  ReceiveConnector,
  SendConnector,
  TransportConfig,
  TransportService,
} from "./organization.ts";
import { recipientFromRow } from "./recipient-reader.ts";

/** The organization that a configuration file comes to, for tests. */
export function organizationOf(yaml: string): Organization {
  const context = { fileName: "test.yaml", hostName: "mail.contoso.test", cores: 1 };
  const read = parseConfiguration(yaml, context);
  assert(read.ok, read.ok ? "" : read.fault.map(formatFault).join("\n"));
  return read.value.organization;
}

const DEFAULTS = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
receiveConnectors:
  - name: Default Frontend
    bindings: ["0.0.0.0:25"]
    remoteIPRanges: ["0.0.0.0-255.255.255.255"]
    permissionGroups: [AnonymousUsers]
sendConnectors: [{ name: Internet, addressSpaces: ["*"] }]
`);

function only<Value>(values: readonly Value[]): Value {
  const [value] = values;
  assert(value !== undefined, "the defaults have one of each");
  return value;
}

/** An authoritative domain without subdomains, and not the default one. */
export function sampleAcceptedDomain(
  name: string,
  changes: Partial<AcceptedDomain> = {},
): AcceptedDomain {
  const defaults = only(DEFAULTS.acceptedDomains);
  return { ...defaults, name, domainName: domain(name), default: false, ...changes };
}

/** contoso.test (ours, the default), relay.test (internal relay), and no connectors. */
export function plainOrganization(changes: Partial<Organization> = {}): Organization {
  return {
    ...DEFAULTS,
    acceptedDomains: [
      sampleAcceptedDomain("contoso.test", { default: true }),
      sampleAcceptedDomain("relay.test", { domainType: "InternalRelay" }),
    ],
    receiveConnectors: [],
    sendConnectors: [],
    transportService: sampleTransportService(),
    ...changes,
  };
}

/** The defaults of the settings table: for anonymous clients, all IPv4 addresses, port 25. */
export function sampleReceiveConnector(changes: Partial<ReceiveConnector> = {}): ReceiveConnector {
  return { ...only(DEFAULTS.receiveConnectors), ...changes };
}

/** The defaults of the settings table: for every domain, by MX. */
export function sampleSendConnector(changes: Partial<SendConnector> = {}): SendConnector {
  return { ...only(DEFAULTS.sendConnectors), ...changes };
}

/** The defaults of the settings table. */
export function sampleTransportConfig(changes: Partial<TransportConfig> = {}): TransportConfig {
  return { ...DEFAULTS.transportConfig, ...changes };
}

/** The defaults of the settings table, without jitter, Pickup and Replay. */
export function sampleTransportService(changes: Partial<TransportService> = {}): TransportService {
  const none = { retryJitter: 0, pickupDirectoryPath: undefined, replayDirectoryPath: undefined };
  return { ...DEFAULTS.transportService, ...none, ...changes };
}

function recipient(kind: string, primary: string, properties: object = {}) {
  const json = JSON.stringify({ name: primary, primarySmtpAddress: primary, ...properties });
  return recipientFromRow({ kind, name: primary, json, memberCount: 0 });
}

/** A mailbox with the defaults of the settings table. */
export function sampleMailbox(primary: string, changes: Partial<Mailbox> = {}): Mailbox {
  const found = recipient("mailbox", primary);
  assert(found.kind === "mailbox", primary);
  return { ...found, ...changes };
}

/** A mail contact that stands for `external`. */
export function sampleContact(primary: string, external: string): MailContact {
  const found = recipient("mailContact", primary, { externalEmailAddress: external });
  assert(found.kind === "contact", primary);
  return found;
}

/** A group with the defaults of the settings table. */
export function sampleGroup(
  primary: string,
  changes: Partial<DistributionGroup> = {},
): DistributionGroup {
  const found = recipient("distributionGroup", primary);
  assert(found.kind === "group", primary);
  return { ...found, ...changes };
}
