import type { AcceptedDomain, ReceiveConnector, SendConnector } from "../../org/organization.ts";
import { HYGIENE_NOUNS } from "./hygiene-nouns.ts";
import { defineNoun, type ObjectNoun } from "./object-noun.ts";
import { SCANNER_NOUNS } from "./scanner-nouns.ts";
import { SYSTEM_MESSAGE_PARTS } from "./system-message-parts.ts";

/** The object of that name, without case. */
function byName<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
): Named | undefined {
  return all.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

function defaultsOf(
  all: readonly { readonly name: string; readonly default: boolean }[],
): readonly string[] {
  return all.filter((one) => one.default).map(({ name }) => name);
}

const ONLY_ORGANIZATION = [] as const;

/** Every kind of object of the organization that has cmdlets. */
export const NOUNS: readonly ObjectNoun[] = [
  defineNoun({
    kind: "receiveConnector",
    noun: "ReceiveConnector",
    changers: ["Server Management", "Hygiene Management"],
    columns: ["Identity", "Bindings", "Enabled"],
    notes: [
      "A new connector listens, and a changed one is in force for new sessions, before the " +
        "cmdlet returns. Sessions that run keep what they began with.",
    ],
    examples: {
      new: [
        " -Name Scanners -Bindings 0.0.0.0:2525 -RemoteIPRanges 10.0.0.0/8 " +
          "-PermissionGroups AnonymousUsers",
        "Lets devices of one network in on a port of their own.",
      ],
      set: [
        ' "Default Frontend" -RemoteIPRanges @{Add="192.0.2.0/24"; Remove="10.0.0.0/8"}',
        "Changes a list without repeating what stays.",
      ],
    },
    find: ({ receiveConnectors }, name) => shownReceiveConnector(byName(receiveConnectors, name)),
  }),
  defineNoun({
    kind: "sendConnector",
    noun: "SendConnector",
    changers: ONLY_ORGANIZATION,
    columns: ["Identity", "AddressSpaces", "Enabled"],
    examples: {
      new: [
        ' -Name Partner -AddressSpaces "SMTP:fabrikam.test;1" -SmartHosts mx.fabrikam.test',
        "Sends one domain's mail to one host.",
      ],
      set: [" Partner -Enabled $false", "Routing no longer chooses it."],
    },
    find: ({ sendConnectors }, name) => shownSendConnector(byName(sendConnectors, name)),
  }),
  defineNoun({
    kind: "acceptedDomain",
    noun: "AcceptedDomain",
    changers: ONLY_ORGANIZATION,
    columns: ["Identity", "DomainName", "DomainType", "Default"],
    notes: ["There is one default domain: to make another the default one, use -MakeDefault."],
    examples: {
      new: [
        " -Name contoso.test -DomainType InternalRelay",
        "Mail for unknown recipients of the domain goes on by send connector.",
      ],
      set: [" fabrikam.test -MakeDefault $true", "postmaster@ is of that domain from now on."],
    },
    defaultNames: ({ acceptedDomains }) => defaultsOf(acceptedDomains),
    find: ({ acceptedDomains }, name) => shownAcceptedDomain(byName(acceptedDomains, name)),
  }),
  defineNoun({
    kind: "remoteDomain",
    noun: "RemoteDomain",
    changers: ONLY_ORGANIZATION,
    columns: ["Identity", "DomainName", "NDREnabled", "AutoForwardEnabled"],
    notes: [
      "The entry that names a domain most exactly holds for it; without one, all is allowed.",
    ],
    examples: {
      new: [
        ' -Name Partners -DomainName "*.fabrikam.test" -AutoForwardEnabled $false',
        "Mailboxes cannot forward there.",
      ],
      set: [
        " Partners -NDRDiagnosticInfoEnabled $false",
        "Notices there say nothing of our servers.",
      ],
    },
    find: ({ remoteDomains }, name) => byName(remoteDomains, name),
  }),
  defineNoun({
    kind: "systemMessage",
    noun: "SystemMessage",
    changers: ONLY_ORGANIZATION,
    columns: ["Identity", "Text"],
    notes: [
      "The text stands in notices about that status code, where they say what happened and what " +
        "to do. Without one, our own words do.",
    ],
    parts: SYSTEM_MESSAGE_PARTS,
    examples: {
      new: [
        ' -DsnCode 5.7.1 -Internal $true -Language En -Text "Call the <b>help desk</b>."',
        "What senders in our domains read about mail that is not allowed.",
      ],
      set: [' En\\Internal\\5.7.1 -Text "Call 1234."', "Holds for notices from now on."],
    },
    find: ({ systemMessages }, name) => byName(systemMessages, name),
  }),
  defineNoun({
    kind: "tlsPolicy",
    noun: "TlsPolicy",
    changers: ["Server Management"],
    columns: ["Identity", "Mode", "TlsDomain"],
    examples: {
      new: [" -Name fabrikam.test -Mode DomainValidation", "Nothing goes there in clear."],
      set: [" fabrikam.test -Mode Dane", "Mail waits unless DANE holds."],
    },
    find: ({ tlsPolicies }, name) => byName(tlsPolicies, name),
  }),
  defineNoun({
    kind: "oauthIssuer",
    noun: "OAuthIssuer",
    changers: ONLY_ORGANIZATION,
    columns: ["Identity", "Issuer", "Audiences"],
    examples: {
      new: [
        " -Name Contoso -Issuer https://login.contoso.test -Jwks https://login.contoso.test/keys " +
          "-Audiences smtp",
        "Users may log on with tokens of that issuer.",
      ],
      set: [" Contoso -Scopes SMTP.Send", "Tokens must be made for sending."],
    },
    find: ({ oauthIssuers }, name) => byName(oauthIssuers, name),
  }),
  defineNoun({
    kind: "throttlingPolicy",
    noun: "ThrottlingPolicy",
    changers: ["Server Management"],
    columns: ["Identity", "Default", "MessageRateLimit", "RecipientsPerDay"],
    notes: ["A mailbox whose policy has been removed is under the default one."],
    examples: {
      new: [" -Name Interns -RecipientsPerDay 100", "Mailboxes name it in -ThrottlingPolicy."],
      set: [" Interns -MessagesPerHour 10", "Holds for messages from now on."],
    },
    defaultNames: ({ throttlingPolicies }) => defaultsOf(throttlingPolicies),
    find: ({ throttlingPolicies }, name) => byName(throttlingPolicies, name),
  }),
  ...HYGIENE_NOUNS,
  ...SCANNER_NOUNS,
  defineNoun({
    kind: "senderIdConfig",
    noun: "SenderIdConfig",
    changers: ["Hygiene Management"],
    columns: ["SpoofedDomainAction", "TempErrorAction", "DisplayNameAction"],
    notes: [
      "Holds for strangers' mail on receive connectors with SenderAuthenticationEnabled, from " +
        "the next message on. What DMARC's policies lead to is a setting of the receive " +
        "connector.",
    ],
    examples: {
      set: [
        ' -SpoofedDomainAction Reject -ProtectedNames @{Add="Alice Archer"}',
        "Refuses mail whose SPF is fail, and marks strangers who call themselves Alice Archer.",
      ],
    },
    find: ({ senderIdConfig }) => senderIdConfig,
  }),
  defineNoun({
    kind: "transportService",
    noun: "TransportService",
    changers: ["Server Management", "Hygiene Management"],
    columns: ["MaxOutboundConnections", "MessageExpirationTimeout", "MessageTrackingLogEnabled"],
    examples: {
      set: [" -MessageExpirationTimeout 3.00:00:00", "Mail that waits is given up after 3 days."],
    },
    find: ({ transportService }) => transportService,
  }),
  defineNoun({
    kind: "transportConfig",
    noun: "TransportConfig",
    changers: ONLY_ORGANIZATION,
    columns: ["MaxReceiveSize", "MaxSendSize", "MaxRecipientEnvelopeLimit"],
    examples: { set: [" -MaxReceiveSize 50MB -MaxSendSize 50MB", "For all messages."] },
    find: ({ transportConfig }) => transportConfig,
  }),
  defineNoun({
    kind: "quarantinePolicy",
    noun: "QuarantinePolicy",
    changers: ["Hygiene Management"],
    columns: ["QuarantineRetentionPeriod", "ESNEnabled", "EndUserSpamNotificationFrequency"],
    examples: { set: [" -ESNEnabled $true", "Mailboxes hear each day what is kept from them."] },
    find: ({ quarantinePolicy }) => quarantinePolicy,
  }),
  defineNoun({
    kind: "server",
    noun: "TransportServer",
    changers: ["Server Management"],
    // Whoever names the provider of the sign-in names administrators.
    guarded: ["admin"],
    columns: ["Fqdn", "TransportThreads", "DnsServers"],
    notes: ["TransportThreads, Keytab, DnsServers and Admin are read when the server starts."],
    examples: { set: [" -Fqdn mail.contoso.test", "Our name in EHLO, banner and Received."] },
    find: ({ server }) => server,
  }),
];

/** As it is written: with the 220. */
function shownReceiveConnector(connector: ReceiveConnector | undefined): object | undefined {
  if (connector?.banner === undefined) return connector;
  return { ...connector, banner: `220 ${connector.banner}` };
}

function shownSendConnector(connector: SendConnector | undefined): object | undefined {
  if (connector === undefined) return undefined;
  return { ...connector, dnsRoutingEnabled: connector.smartHosts.length === 0 };
}

function shownAcceptedDomain(domain: AcceptedDomain | undefined): object | undefined {
  if (domain === undefined) return undefined;
  return { ...domain, domainName: String(domain.domainName) };
}
