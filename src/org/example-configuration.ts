/** A complete file with every kind of object; the reference page shows it, a test parses it. */
export const EXAMPLE_CONFIGURATION = `server:
  fqdn: mail.contoso.com
  dnsServers: ["127.0.0.1:53"]
  admin: { listen: "127.0.0.1:8443" }

acceptedDomains:
  - { name: contoso.com, default: true }
  - { name: "*.branch.contoso.com", domainType: InternalRelay }
  - { name: Sales, domainName: sales.contoso.com, lmtpHost: "dovecot.contoso.com:24" }

receiveConnectors:
  - name: Default Frontend
    bindings: ["0.0.0.0:25", "[::]:25"]
    authMechanism: [Tls]
    permissionGroups: [AnonymousUsers]
    maxMessageSize: 50MB
  - name: Client Frontend
    bindings: ["0.0.0.0:587", "[::]:587"]
    authMechanism: [Tls, Integrated, BasicAuth, BasicAuthRequireTLS]
    permissionGroups: [ExchangeUsers]
  - name: Client Implicit TLS
    bindings: ["0.0.0.0:465", "[::]:465"]
    implicitTlsEnabled: true
    authMechanism: [Tls, Integrated, BasicAuth, BasicAuthRequireTLS]
    permissionGroups: [ExchangeUsers]
  - name: Application Relay
    bindings: ["0.0.0.0:25"]
    remoteIPRanges: ["10.1.2.0/24", "10.1.3.7-10.1.3.9"]
    permissionGroups: [AnonymousUsers]
    extendedRights: { AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }
    maxInboundConnectionPerSource: unlimited
    maxInboundConnectionPercentagePerSource: 100

sendConnectors:
  - name: Internet
    addressSpaces: ["SMTP:*;10"]
  - name: Partner
    addressSpaces: ["fabrikam.com", "*.fabrikam.com;5"]
    smartHosts: [mail.fabrikam.com, "[192.0.2.25]", "[IPv6:2001:db8::25]"]
    requireTLS: true
  - name: Branch offices
    addressSpaces: ["*.branch.contoso.com"]
    smartHosts: ["[10.9.0.1]"]
    port: 2525

remoteDomains:
  - { name: Default, domainName: "*", autoForwardEnabled: false }
  - { name: Fabrikam, domainName: "*.fabrikam.com" }

systemMessages:
  - name: En\\Internal\\5.7.520
    text: Forwarding to addresses outside is not allowed here. Call the <b>help desk</b>.

tlsPolicies:
  - { name: "*.litware.com", mode: DomainValidation }
  - { name: adatum.com, mode: Dane }

dkimSigningConfigs:
  - { name: contoso.com, enabled: false }

transportAgents:
  - { name: Sender Id Agent, failMode: Accept }

transportRules:
  - name: Outside mail is marked
    priority: 0
    fromScope: NotInOrganization
    sentToScope: InOrganization
    prependSubject: "[External] "
  - name: Programs
    priority: 1
    attachmentHasExecutableContent: true
    exceptIfFromMemberOf: [team@contoso.com]
    rejectMessageReasonText: Programs may not be sent by mail here.
ipAllowListEntries:
  - { name: 203.0.113.7, comment: "Fabrikam's gateway" }

ipBlockListEntries:
  - { name: 198.51.100.0/24, expirationTime: "2027-01-31T00:00:00Z" }

ipAllowListProviders:
  - { name: Known servers, lookupDomain: allow.example.com, anyMatch: true }

ipBlockListProviders:
  - name: Bad servers
    lookupDomain: block.example.com
    ipAddressesMatch: [127.0.0.2, 127.0.0.4]
    rejectionResponse: "%0 is listed by %1"

ipAllowListConfig: { enabled: true }
ipBlockListConfig: { staticEntryRejectionResponse: "%0 may not send to us" }
ipAllowListProvidersConfig: { enabled: true }
ipBlockListProvidersConfig: { bypassedRecipients: [postmaster@contoso.com] }

senderFilterConfig:
  blockedSenders: [offers@litware.com]
  blockedDomainsAndSubdomains: [adventure-works.com]

recipientFilterConfig:
  blockListEnabled: true
  blockedRecipients: [everybody@contoso.com]

senderReputationConfig: { srlBlockThreshold: 8 }
greylistingConfig: { enabled: true, retryInterval: 00:02:00 }
backscatterProtectionConfig: { signingEnabled: true }

attachmentFilterListConfig: { action: Strip }
attachmentFilterEntries:
  - name: ContentType:application/hta
  - name: "FileName:*.exe"

organizationConfig: { sclJunkThreshold: 5 }
contentFilterConfig: { source: Rspamd, endpoint: "127.0.0.1:11333" }
contentFilterPhrases:
  - { name: act now, influence: BadWord }
malwareFilterConfig:
  scanners: ["clamd:/run/clamav/clamd.ctl", "icap://av.contoso.com:1344/avscan"]
milters:
  - { name: OpenDKIM, endpoint: "127.0.0.1:8891", failMode: Accept }

quarantinePolicy:
  esnEnabled: true
  endUserSpamNotificationUrl: https://mail.contoso.com/

senderIdConfig:
  spoofedDomainAction: Reject
  protectedNames: [Alice Archer]
  dmarcExemptions: [lists.fabrikam.com, 192.0.2.0/28]
  arcTrustedSealers: [lists.litware.com]

addressRewriteEntries:
  - name: One face
    internalAddress: "*.contoso.com"
    externalAddress: contoso.com
    exceptionList: [research.contoso.com]
    outboundOnly: true
  - { name: Sales is Contoso, internalAddress: sales.contoso.com, externalAddress: contoso.net }

journalRules:
  - name: Mail of the team
    recipient: team@contoso.com
    journalEmailAddress: archive@contoso.com
    enabled: true

messageClassifications:
  - name: Confidential
    displayName: Company Confidential
    senderDescription: Stays within the company.

oauthIssuers:
  - name: Contoso sign-in
    issuer: https://login.contoso.com/
    jwks: https://login.contoso.com/keys
    audiences: ["https://mail.contoso.com"]
    scopes: [SMTP.Send]

throttlingPolicies:
  - { name: Standard, default: true, messagesPerHour: 500, recipientsPerDay: 5000 }

transportService:
  transientFailureRetryInterval: 00:10:00
  messageExpirationTimeout: 5.00:00:00
  messageTrackingLogMaxAge: 90.00:00:00
  replayDirectoryPath: null

transportConfig:
  externalPostmasterAddress: postmaster@contoso.com
  externalDsnMaxMessageAttachSize: 250KB

mailboxes:
  - name: alice
    primarySmtpAddress: alice@contoso.com
    emailAddresses: [a.smith@contoso.com, alice@sales.contoso.com]
    department: Sales
    passwordHash: $argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc2FsdA
    prohibitSendReceiveQuota: 2GB
    safeSenders: [news@fabrikam.com, litware.com]
    blockedSenders: ["@adventure-works.com"]
  - name: bob
    primarySmtpAddress: bob@contoso.com
    password: "battery staple"
    forwardingAddress: bob@fabrikam.com
    deliverToMailboxAndForward: true

mailUsers:
  - name: carol
    primarySmtpAddress: carol@contoso.com
    externalEmailAddress: carol@cloud.contoso.com

mailContacts:
  - name: Fabrikam support
    primarySmtpAddress: fabrikam@contoso.com
    externalEmailAddress: support@fabrikam.com

distributionGroups:
  - name: team
    primarySmtpAddress: team@contoso.com
    members: [alice@contoso.com, bob@contoso.com, dave@fabrikam.com]
    managedBy: alice@contoso.com
`;
