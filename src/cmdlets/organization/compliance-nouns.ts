import { defineNoun, type ObjectNoun } from "./object-noun.ts";

/** The object of that name, without case. */
function byName<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
): Named | undefined {
  return all.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** Kinds of objects of address rewriting, journaling and classification. */
export const COMPLIANCE_NOUNS: readonly ObjectNoun[] = [
  defineNoun({
    kind: "addressRewriteEntry",
    noun: "AddressRewriteEntry",
    changers: ["Hygiene Management"],
    columns: ["Identity", "InternalAddress", "ExternalAddress", "OutboundOnly"],
    notes: [
      "An address counts before a domain, a domain before `*.domain`. In mail that leaves, MAIL " +
        "FROM and the fields From, Sender, Reply-To, Cc and a few more are rewritten; in mail " +
        "that comes in, RCPT TO and the fields To and Cc.",
    ],
    examples: {
      new: [
        ' -Name "Alice outside" -InternalAddress alice@contoso.test ' +
          "-ExternalAddress info@contoso.test",
        "Those outside see and write to info@contoso.test.",
      ],
      set: [' "Alice outside" -OutboundOnly $true', "Mail that comes in is left alone."],
    },
    find: ({ addressRewriteEntries }, name) => byName(addressRewriteEntries, name),
  }),
  defineNoun({
    kind: "journalRule",
    noun: "JournalRule",
    changers: ["Records Management"],
    columns: ["Identity", "Recipient", "JournalEmailAddress", "Scope", "Enabled"],
    notes: [
      "A report has the message as it came, byte for byte, and names its sender and all its " +
        "recipients, those that groups and forwarding have brought among them.",
      "Reports that cannot be delivered go to JournalingReportNdrTo of Set-TransportConfig.",
    ],
    isSwitched: true,
    examples: {
      new: [
        ' -Name "Mail of the team" -Recipient team@contoso.test ' +
          "-JournalEmailAddress archive@contoso.test -Enabled $true",
        "All that its members send and receive is reported.",
      ],
      set: [' "Mail of the team" -Scope External', "Only what comes from outside or goes there."],
    },
    find: ({ journalRules }, name) => byName(journalRules, name),
  }),
  defineNoun({
    kind: "messageClassification",
    noun: "MessageClassification",
    changers: ["Records Management"],
    columns: ["Identity", "DisplayName", "DisplayPrecedence"],
    notes: [
      "A message has it in the header X-MS-Exchange-Organization-Classification, which rules set " +
        "(ApplyClassification) and ask for (HasClassification), and people of the organization " +
        "may set themselves. It does not leave the organization.",
    ],
    examples: {
      new: [
        ' -Name Confidential -DisplayName "Company Confidential" ' +
          '-SenderDescription "Stays within the company."',
        "Rules can set it and ask for it.",
      ],
      set: [" Confidential -DisplayPrecedence High", "It is shown before most others."],
    },
    find: ({ messageClassifications }, name) => byName(messageClassifications, name),
  }),
];
