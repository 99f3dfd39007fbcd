import assert from "node:assert/strict";
import { test } from "node:test";
import { CORPUS, type CorpusName, FILE_CORPUS } from "./corpus.fake.ts";
import { judge } from "./rule-bench.fake.ts";

/** Who is hit: all recipients of the messages, or those named. */
type Hits = Partial<Readonly<Record<CorpusName, "all" | readonly string[]>>>;

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";
const CAROL = "carol@contoso.test";
const DAVE = "dave@fabrikam.example";
const ZOE = "zoe@else.example";
const RELAYED = "nobody@relay.test";

const OURS = { payroll: "all", invitation: "all", signed: "all" } as const;
const STRANGERS = {
  sale: "all",
  falcon: "all",
  absence: "all",
  spam: "all",
  pretender: "all",
} as const;
const ALL = { ...OURS, ...STRANGERS };

/** Conditions, and what of the corpus they are true of: read off the messages, not the code. */
const TABLE: readonly (readonly [conditions: string, hits: Hits])[] = [
  ["comments: nothing is asked", ALL],
  // The sender.
  [`from: [${BOB}]`, { payroll: "all" }],
  ["from: [a.smith@contoso.test]", { invitation: "all", pretender: "all" }],
  ["from: [ALICE@Contoso.Test]", { invitation: "all", pretender: "all" }],
  [`from: [${CAROL}]`, { signed: "all" }],
  [`from: [${CAROL}, eve@partner.example]`, { signed: "all", falcon: "all" }],
  ["from: [assistant@partner.example]", { falcon: "all" }],
  ["from: [news@shop.example]", { sale: "all" }],
  ["from: [bounce+17@lists.shop.example]", {}],
  ["from: [bounce+17@lists.shop.example], senderAddressLocation: Envelope", { sale: "all" }],
  ["from: [news@shop.example], senderAddressLocation: Envelope", {}],
  [
    "from: [news@shop.example, ceo@evil.example], senderAddressLocation: HeaderOrEnvelope",
    { sale: "all", spam: "all" },
  ],
  ["from: [frank@else.example], senderAddressLocation: Envelope", {}],
  ["fromScope: InOrganization", OURS],
  ["fromScope: NotInOrganization", STRANGERS],
  ["fromMemberOf: [finance@contoso.test]", { payroll: "all" }],
  ["fromMemberOf: [sales@contoso.test]", { invitation: "all", pretender: "all" }],
  ["fromMemberOf: [inner@contoso.test]", { invitation: "all", pretender: "all" }],
  ["fromAddressContainsWords: [shop]", { sale: "all" }],
  ["fromAddressContainsWords: [sho]", {}],
  ["fromAddressContainsWords: [SMITH]", { pretender: "all" }],
  ["fromAddressContainsWords: [a.smith]", { pretender: "all" }],
  ["fromAddressMatchesPatterns: ['^(eve|frank)@']", { falcon: "all", absence: "all" }],
  [
    "fromAddressMatchesPatterns: ['\\.example$']",
    { sale: "all", falcon: "all", absence: "all", spam: "all" },
  ],
  ["senderDomainIs: [shop.example]", { sale: "all" }],
  ["senderDomainIs: [example]", {}],
  ["senderDomainIs: [lists.shop.example], senderAddressLocation: Envelope", { sale: "all" }],
  ["senderIpRanges: [10.0.0.0/8]", OURS],
  ["senderIpRanges: [198.51.100.40-198.51.100.50]", { sale: "all" }],
  ['senderIpRanges: ["2001:db8::/32", 203.0.113.5]', { falcon: "all", pretender: "all" }],
  [
    'senderADAttributeContainsWords: ["Department:Finance,Board"]',
    { payroll: "all", signed: "all" },
  ],
  ['senderADAttributeContainsWords: ["Title:Head"]', { invitation: "all", pretender: "all" }],
  ['senderADAttributeContainsWords: ["Title:Hea"]', {}],
  ['senderADAttributeMatchesPatterns: ["Title:^c"]', { payroll: "all", signed: "all" }],
  ['senderADAttributeContainsWords: ["Email:bob"]', { payroll: "all" }],
  // The recipient: those of whom it is true.
  [`sentTo: [${BOB}]`, { sale: [BOB], invitation: "all", absence: "all", spam: [BOB] }],
  ["sentTo: [a.smith@contoso.test]", { sale: [ALICE], falcon: [ALICE], signed: [ALICE] }],
  [`sentTo: [${DAVE}]`, { payroll: [DAVE], signed: [DAVE] }],
  ["sentToScope: NotInOrganization", { sale: [ZOE], payroll: [DAVE], signed: [DAVE] }],
  [
    "sentToScope: InOrganization",
    {
      sale: [ALICE, BOB],
      payroll: [CAROL],
      falcon: "all",
      invitation: "all",
      signed: [ALICE],
      absence: "all",
      spam: [BOB, RELAYED],
      pretender: "all",
    },
  ],
  ["sentToScope: ExternalPartner", {}],
  ["sentToScope: ExternalNonPartner", { sale: [ZOE], payroll: [DAVE], signed: [DAVE] }],
  [
    "sentToMemberOf: [sales@contoso.test]",
    { sale: [ALICE], payroll: [DAVE], falcon: [ALICE], signed: "all" },
  ],
  ["recipientAddressContainsWords: [zoe, dave]", { sale: [ZOE], payroll: [DAVE], signed: [DAVE] }],
  ["recipientAddressMatchesPatterns: ['@relay\\.test$']", { spam: [RELAYED] }],
  ["recipientDomainIs: [fabrikam.example]", { payroll: [DAVE], signed: [DAVE] }],
  [
    'recipientADAttributeContainsWords: ["City:Hamburg"]',
    { sale: [BOB], invitation: "all", absence: "all", spam: [BOB] },
  ],
  [
    'recipientADAttributeMatchesPatterns: ["Department:^board$"]',
    { payroll: [CAROL], falcon: [CAROL], pretender: "all" },
  ],
  // Sender and recipient.
  [
    "betweenMemberOf1: [sales@contoso.test], betweenMemberOf2: [finance@contoso.test]",
    { payroll: [DAVE], invitation: "all" },
  ],
  [
    `managerForEvaluatedUser: Sender, managerAddresses: [${CAROL}]`,
    { payroll: "all", invitation: "all", pretender: "all" },
  ],
  [
    `managerForEvaluatedUser: Recipient, managerAddresses: [${CAROL}]`,
    {
      sale: [ALICE, BOB],
      falcon: [ALICE],
      invitation: "all",
      signed: [ALICE],
      absence: "all",
      spam: [BOB],
    },
  ],
  ["senderManagementRelationship: Manager", { signed: [ALICE] }],
  ["senderManagementRelationship: DirectReport", { payroll: [CAROL], pretender: "all" }],
  ["adComparisonAttribute: City", { signed: [ALICE], pretender: "all" }],
  ["adComparisonAttribute: Manager, adComparisonOperator: Equal", { invitation: "all" }],
  [
    "adComparisonAttribute: City, adComparisonOperator: NotEqual",
    {
      payroll: [CAROL],
      invitation: "all",
    },
  ],
  // All recipients together.
  ["anyOfRecipientAddressContainsWords: [zoe]", { sale: "all" }],
  ["anyOfRecipientAddressMatchesPatterns: ['^dave@']", { payroll: "all", signed: "all" }],
  ["anyOfToHeader: [sales@contoso.test]", { falcon: "all" }],
  [`anyOfToHeader: [${DAVE}]`, {}],
  ["anyOfCcHeader: [dave@contoso.test]", {}],
  [`anyOfCcHeader: [${DAVE}]`, { payroll: "all" }],
  [`anyOfToCcHeader: [${DAVE}, ${ALICE}]`, { sale: "all", payroll: "all", signed: "all" }],
  [
    "anyOfToHeaderMemberOf: [finance@contoso.test]",
    { sale: "all", invitation: "all", absence: "all", spam: "all" },
  ],
  ["anyOfCcHeaderMemberOf: [inner@contoso.test]", { payroll: "all" }],
  [
    "anyOfToCcHeaderMemberOf: [sales@contoso.test]",
    { sale: "all", payroll: "all", falcon: "all", signed: "all" },
  ],
  // The message.
  ["subjectContainsWords: [sale]", { sale: "all" }],
  ["subjectContainsWords: ['50%']", { sale: "all" }],
  ["subjectContainsWords: [sales, märz]", { payroll: "all" }],
  ["subjectMatchesPatterns: ['^re: ']", { falcon: "all" }],
  ["subjectMatchesPatterns: ['\\d{4}$']", { absence: "all" }],
  ["subjectMatchesPatterns: ['^$']", { pretender: "all" }],
  ["subjectOrBodyContainsWords: [confidential]", { sale: "all" }],
  ["subjectOrBodyContainsWords: [vertraulich]", { payroll: "all" }],
  ["subjectOrBodyContainsWords: [abcdef]", { payroll: "all" }],
  ["subjectOrBodyContainsWords: [top secret]", { sale: "all", falcon: "all" }],
  ["subjectOrBodyContainsWords: [project falcon]", { falcon: "all" }],
  ["subjectOrBodyContainsWords: [hidden]", {}],
  ["subjectOrBodyContainsWords: ['C++']", { sale: "all" }],
  ["subjectOrBodyContainsWords: [meeting, contract]", { invitation: "all", signed: "all" }],
  ["subjectOrBodyMatchesPatterns: ['\\b\\d{4}(-\\d{4}){3}\\b']", { falcon: "all" }],
  ["subjectOrBodyMatchesPatterns: ['gehälter']", { payroll: "all" }],
  [
    "headerContainsMessageHeader: x-department, headerContainsWords: [legal team]",
    { falcon: "all" },
  ],
  ["headerContainsMessageHeader: X-Department, headerContainsWords: [Team Project]", {}],
  ["headerMatchesMessageHeader: X-Mailer, headerMatchesPatterns: ['^bulk']", { sale: "all" }],
  ["headerMatchesMessageHeader: Reply-To, headerMatchesPatterns: ['contoso']", { sale: "all" }],
  ["messageSizeOver: 2MB", { pretender: "all" }],
  ["messageSizeOver: 2097153", {}],
  ["sclOver: 5", { spam: "all" }],
  ["sclOver: 7", { spam: "all" }],
  ["sclOver: 8", {}],
  ["sclOver: -1", { spam: "all" }],
  ["messageTypeMatches: Calendaring", { invitation: "all" }],
  ["messageTypeMatches: Signed", { signed: "all" }],
  ["messageTypeMatches: OOF", { absence: "all" }],
  ["messageTypeMatches: Encrypted", {}],
  ["withImportance: High", { payroll: "all", spam: "all" }],
  ["withImportance: Low", {}],
  ["hasClassification: company internal", { signed: "all" }],
  ["hasClassification: company", {}],
  ["hasNoClassification: true, fromScope: InOrganization", { payroll: "all", invitation: "all" }],
  ["contentCharacterSetContainsWords: [koi8-r]", { absence: "all" }],
  // Several together.
  [
    `fromScope: InOrganization, sentToScope: NotInOrganization`,
    { payroll: [DAVE], signed: [DAVE] },
  ],
  ["sentToScope: InOrganization, recipientDomainIs: [relay.test]", { spam: [RELAYED] }],
  [
    "fromScope: NotInOrganization, exceptIfSenderDomainIs: [partner.example]",
    {
      sale: "all",
      absence: "all",
      spam: "all",
      pretender: "all",
    },
  ],
  [
    `exceptIfSentTo: [${ALICE}, ${BOB}]`,
    {
      sale: [ZOE],
      payroll: "all",
      falcon: [CAROL],
      signed: [DAVE],
      spam: [RELAYED],
      pretender: "all",
    },
  ],
  [
    "fromScope: InOrganization, exceptIfSubjectOrBodyContainsWords: [final], " +
      "exceptIfMessageTypeMatches: Calendaring",
    { payroll: "all" },
  ],
  [
    `exceptIfHeaderContainsMessageHeader: X-Mailer, exceptIfHeaderContainsWords: [BulkMaster], ` +
      `sentTo: [${BOB}]`,
    { invitation: "all", absence: "all", spam: [BOB] },
  ],
  [
    "exceptIfFromScope: NotInOrganization, exceptIfSentToScope: NotInOrganization",
    { payroll: [CAROL], invitation: "all", signed: [ALICE] },
  ],
];

/** Conditions about what is attached, and of which messages they are true. */
const FILE_TABLE: readonly (readonly [conditions: string, hits: readonly string[]])[] = [
  ["attachmentContainsWords: [bluebird]", ["program"]],
  ["attachmentContainsWords: [nightfall, nothing]", ["archives"]],
  ["attachmentContainsWords: [pictures]", []],
  ["attachmentMatchesPatterns: ['operation \\w+ begins']", ["archives"]],
  ["attachmentNameMatchesPatterns: ['^beach']", ["program"]],
  ["attachmentNameMatchesPatterns: ['plan-b']", ["archives"]],
  ["attachmentExtensionMatchesWords: [txt]", ["program", "archives"]],
  ["attachmentExtensionMatchesWords: [.XYZ, zip]", ["archives", "blob"]],
  ["attachmentExtensionMatchesWords: [exe]", []],
  ['attachmentPropertyContainsWords: ["confidentiality:open,secret"]', ["document"]],
  ['attachmentPropertyContainsWords: ["Confidentiality:secre"]', []],
  ["attachmentContainsWords: [merger]", ["document"]],
  ["attachmentSizeOver: 4999", ["blob"]],
  ["attachmentSizeOver: 5000", []],
  ["attachmentHasExecutableContent: true", ["program"]],
  ["attachmentIsPasswordProtected: true", ["archives"]],
  ["attachmentProcessingLimitExceeded: true", []],
  ["attachmentExtensionMatchesWords: [zip], exceptIfAttachmentIsPasswordProtected: true", []],
];

for (const [conditions, hits] of TABLE) {
  test(`a rule with ${conditions}`, async () => {
    for (const [name, message] of Object.entries(CORPUS)) {
      const wanted = hits[name as CorpusName] ?? [];
      const judged = await judge([`{ name: hit, setSCL: 1, ${conditions} }`], message);
      const hit = judged.filter((line) => line.endsWith(": hit")).map((line) => line.slice(0, -5));
      assert.deepEqual(hit, wanted === "all" ? message.recipients : wanted, name);
    }
  });
}

for (const [conditions, hits] of FILE_TABLE) {
  test(`a rule with ${conditions}`, async () => {
    const hit: string[] = [];
    for (const [name, message] of Object.entries(FILE_CORPUS)) {
      const [judged] = await judge([`{ name: hit, setSCL: 1, ${conditions} }`], message);
      if (judged?.endsWith(": hit") === true) hit.push(name);
    }
    assert.deepEqual(hit, hits);
  });
}
