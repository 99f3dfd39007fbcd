import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { freePort } from "../../harness/free-port.ts";
import { type NounSample, nounRows, singleRows } from "./noun-rows.ts";

type Row = CmdletRow<EveryBench>;

const NOUNS: readonly NounSample[] = [
  {
    noun: "ReceiveConnector",
    given: async (Name) => ({ Name, Bindings: [`127.0.0.1:${await freePort()}`], Enabled: true }),
    change: ["MaxHopCount", 9],
  },
  {
    noun: "SendConnector",
    given: (Name) => ({ Name, AddressSpaces: [`SMTP:${Name}.test;3`] }),
    change: ["Port", 26],
  },
  {
    noun: "AcceptedDomain",
    given: (name) => ({ Name: `${name}.test` }),
    identity: (name) => `${name}.test`,
    change: ["DomainType", "InternalRelay"],
  },
  {
    noun: "RemoteDomain",
    given: (Name) => ({ Name, DomainName: `*.${Name}.test` }),
    change: ["NDREnabled", false],
  },
  {
    noun: "TlsPolicy",
    given: (name) => ({ Name: `${name}.test` }),
    identity: (name) => `${name}.test`,
    change: ["Mode", "Dane"],
  },
  {
    noun: "ThrottlingPolicy",
    given: (Name) => ({ Name }),
    change: ["MessagesPerHour", "7"],
  },
  {
    noun: "OAuthIssuer",
    given: (Name) => ({
      Name,
      Issuer: `https://${Name}.test`,
      Jwks: `https://${Name}.test/keys`,
      Audiences: ["smtp"],
    }),
    change: ["UserClaim", "upn"],
  },
  {
    noun: "TransportRule",
    given: (Name) => ({ Name, SubjectContainsWords: [`never ${Name}`], SetSCL: 3 }),
    change: ["PrependSubject", "[Seen] "],
    isSwitched: true,
  },
  {
    noun: "AddressRewriteEntry",
    given: (Name) => ({
      Name,
      InternalAddress: `${Name}@contoso.test`,
      ExternalAddress: `${Name}@fabrikam.test`,
    }),
    change: ["OutboundOnly", true],
  },
  {
    noun: "JournalRule",
    given: (Name) => ({ Name, JournalEmailAddress: "archive@contoso.test", Scope: "Internal" }),
    change: ["Recipient", "bob@contoso.test"],
    isSwitched: true,
  },
  {
    noun: "MessageClassification",
    given: (Name) => ({ Name, DisplayName: `Class ${Name}` }),
    change: ["DisplayPrecedence", "High"],
  },
  {
    noun: "SystemMessage",
    given: (name) => ({
      DsnCode: codeOf(name),
      Internal: true,
      Language: "En",
      Text: "Call the <b>help desk</b>.",
    }),
    identity: (name) => `En\\Internal\\${codeOf(name)}`,
    change: ["Text", "Call 1234."],
  },
];

/** A status code of this name's own. */
function codeOf(name: string): string {
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return `5.7.${100 + (sum % 800)}`;
}

/** Kinds of which there is one: a property, and its values by the two surfaces. */
const SINGLE = [
  ["TransportService", "MaxOutboundConnections", "500", "501"],
  ["TransportConfig", "MaxSendSize", "5MB", "6MB"],
  ["SenderIdConfig", "DisplayNameAction", "Quarantine", "Reject"],
  ["QuarantinePolicy", "EsnCustomSubject", "Kept", "Held"],
  ["TransportServer", "Keytab", "a.keytab", "b.keytab"],
] as const;

/** A contact that a file declares. */
function contact(name: string): string {
  const address = `${name.toLowerCase()}@contoso.test`;
  return `mailContacts:
  - name: ${name}
    primarySmtpAddress: ${address}
    externalEmailAddress: ${name.toLowerCase()}@example.test
`;
}

/** The whole of it: to be run while nothing else changes. */
export const CONFIGURATION_ROWS: readonly Row[] = [
  {
    cmdlet: "Import-PostriderConfiguration",
    given: async (_bench, via) => ({
      FileData: contact(ownName("zoe", via)),
      FileName: "zoe.yaml",
    }),
    count: 1,
    async expect({ objects: [change], bench: { server }, via }) {
      assert.equal(change?.["Name"], ownName("zoe", via));
      const pieces = await runCmdlet(server, "Export-PostriderConfiguration");
      const text = pieces.map((one) => textOf(one["Text"])).join("");
      assert.match(text, new RegExp(`name: ${ownName("zoe", via)}\\n`));
    },
  },
  {
    cmdlet: "Export-PostriderConfiguration",
    async expect({ objects, bench: { server } }) {
      const FileData = objects.map((one) => textOf(one["Text"])).join("");
      assert.match(FileData, /^acceptedDomains:\n/m);
      assert.doesNotMatch(FileData, /correct horse/);
      const same = await runCmdlet(server, "Import-PostriderConfiguration", {
        FileData,
        DryRun: true,
      });
      assert.deepEqual(same, []);
    },
  },
];

/** The built-in texts of notices (reference §6.4). */
const ORIGINALS: Row = {
  cmdlet: "Get-SystemMessage",
  given: { Original: true },
  expect({ objects }) {
    const [found] = objects.filter((one) => one["Identity"] === "En\\Internal\\5.1.1");
    assert.equal(found?.["DsnCode"], "5.1.1");
    assert.equal(found["Internal"], true);
    assert.match(textOf(found["Text"]), /\w+ .*\./);
    assert.equal(found["DeclaredIn"], null);
    assert.ok(objects.some((one) => one["Identity"] === "En\\External\\5.1.1"));
    assert.ok(!objects.some((one) => textOf(one["Text"]).includes("help desk</b>")));
  },
};

const DKIM: NounSample = {
  noun: "DkimSigningConfig",
  given: (name) => ({ DomainName: `${name}.test` }),
  identity: (name) => `${name}.test`,
  change: ["Enabled", true],
};

/** Its keys are made, not given: New and Rotate show the records of what they have made. */
const DKIM_ROWS: readonly Row[] = [
  ...nounRows(DKIM).filter(({ cmdlet }) => cmdlet !== "New-DkimSigningConfig"),
  {
    cmdlet: "New-DkimSigningConfig",
    given: async (_bench, via) => ({ DomainName: `new-${via.toLowerCase()}.test` }),
    count: 1,
    expect({ objects: [object] }) {
      assert.match(textOf(object?.["DnsRecords"]), /IN TXT "v=DKIM1; k=rsa; p=/);
    },
  },
  {
    cmdlet: "Rotate-DkimSigningConfig",
    async given({ server }, via) {
      const DomainName = `rotate-${via.toLowerCase()}.test`;
      await runCmdlet(server, "New-DkimSigningConfig", { DomainName });
      return { Identity: DomainName };
    },
    count: 1,
    expect({ objects: [object] }) {
      assert.ok(Array.isArray(object?.["DnsRecords"]) && object["DnsRecords"].length === 4);
    },
  },
];

/** Connectors, domains and settings; chains that can run side by side. */
export const ORGANIZATION_ROWS: readonly (readonly Row[])[] = [
  ...NOUNS.map(nounRows),
  SINGLE.flatMap(singleRows),
  [ORIGINALS],
  DKIM_ROWS,
];
