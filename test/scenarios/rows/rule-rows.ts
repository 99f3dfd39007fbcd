import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow, Given } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { readMaildir } from "../../harness/maildir.ts";

type Row = CmdletRow<EveryBench>;

/** Base64 over REST, a file on the command line. */
async function given(
  bench: EveryBench,
  via: "commandLine" | "rest",
  file: { readonly path: string; readonly content: string; readonly bytes: Buffer },
): Promise<Given> {
  if (via === "rest") return { [file.content]: file.bytes.toString("base64") };
  const path = join(bench.server.dataFolder, `${ownName("given", via)}.dat`);
  await writeFile(path, file.bytes);
  return { [file.path]: path };
}

const IMPORTED = Buffer.from(
  '<rules name="TransportVersioned"><rule name="Imported" id="1" format="cmdlet"><version>' +
    "<commandBlock>New-TransportRule -Name 'Imported' -SubjectContainsWords 'never seen' " +
    "-SetSCL 4</commandBlock></version></rule></rules>",
);

/** Sends a message that a rule holds back for approval; resolves with its identity. */
async function holdOne({ server, send }: EveryBench, name: string): Promise<number> {
  const rules = await runCmdlet(server, "Get-TransportRule");
  if (!rules.some((rule) => rule["Name"] === "Ask first")) {
    await runCmdlet(server, "New-TransportRule", {
      Name: "Ask first",
      SubjectMatchesPatterns: ["^(waits|approved|denied)"],
      SentTo: ["bob@contoso.test"],
      ModerateMessageByUser: ["alice@contoso.test"],
    });
  }
  await send(name, "bob@contoso.test");
  return eventually({ what: `${name} waits` }, async () => {
    const waiting = await runCmdlet(server, "Get-ModeratedMessage");
    const found = waiting.find((one) => one["Subject"] === name);
    return found === undefined ? undefined : Number(found["Identity"]);
  });
}

/** Mail flow rules; the whole of it in order, while nothing else makes rules. */
export const RULE_ROWS: readonly Row[] = [
  {
    cmdlet: "Get-TransportRulePredicate",
    given: { Name: "HeaderContains*" },
    count: 1,
    expect({ objects: [predicate] }) {
      assert.deepEqual(predicate?.["Parameters"], [
        "HeaderContainsMessageHeader",
        "HeaderContainsWords",
      ]);
      assert.equal(predicate["Needs"], "header");
    },
  },
  {
    cmdlet: "Get-TransportRuleAction",
    given: { Name: "SetSCL" },
    count: 1,
    expect({ objects: [action] }) {
      assert.match(textOf(action?.["ValueType"]), /-1–9/);
    },
  },
  {
    cmdlet: "Test-Message",
    async given(bench, via) {
      const Name = ownName("tested", via);
      const { server } = bench;
      await runCmdlet(server, "New-TransportRule", {
        Name,
        SubjectOrBodyContainsWords: [Name],
        DeleteMessage: true,
      });
      const bytes = Buffer.from(`From: a@b.test\r\nSubject: x\r\n\r\nIt is ${Name}.\r\n`);
      const file = { path: "MessageFile", content: "MessageFileData", bytes };
      return {
        Sender: "a@b.test",
        Recipients: ["alice@contoso.test"],
        ...(await given(bench, via, file)),
      };
    },
    expect({ objects, via }) {
      const lines = objects.filter((one) => one["Rule"] === ownName("tested", via));
      assert.deepEqual(
        lines.map((one) => [one["Kind"], one["Result"], one["Found"]]),
        [
          ["Rule", "True", "alice@contoso.test"],
          ["Condition", "True", ownName("tested", via)],
        ],
      );
    },
  },
  {
    cmdlet: "Get-ModeratedMessage",
    async given(bench, via) {
      const name = ownName("waits", via);
      await holdOne(bench, name);
      return { Filter: `Subject -eq "${name}"` };
    },
    count: 1,
    expect({ objects: [waiting] }) {
      assert.deepEqual(waiting?.["RecipientAddress"], ["bob@contoso.test"]);
      assert.equal(waiting["Rule"], "Ask first");
      assert.deepEqual(waiting["ModeratedBy"], ["alice@contoso.test"]);
    },
  },
  {
    cmdlet: "Preview-ModeratedMessage",
    given: async (bench, via) => ({ Identity: await holdOne(bench, ownName("waits-seen", via)) }),
    count: 1,
    expect({ objects: [preview], via }) {
      assert.equal(preview?.["Subject"], ownName("waits-seen", via));
      assert.equal(textOf(preview["Body"]).trim(), "x");
    },
  },
  {
    cmdlet: "Approve-ModeratedMessage",
    given: async (bench, via) => ({ Identity: await holdOne(bench, ownName("approved", via)) }),
    count: 1,
    async expect({ bench: { server }, via }) {
      const name = ownName("approved", via);
      await eventually({ what: `${name} arrives` }, async () => {
        const mails = await readMaildir(server.dataFolder, "bob@contoso.test");
        return mails.some((raw) => raw.includes(`Subject: ${name}\r\n`)) || undefined;
      });
    },
  },
  {
    cmdlet: "Deny-ModeratedMessage",
    given: async (bench, via) => ({
      Identity: await holdOne(bench, ownName("denied", via)),
      Comment: "Not today",
    }),
    count: 1,
    async expect({ bench: { server } }) {
      await eventually({ what: "a notice" }, async () => {
        const mails = await readMaildir(server.dataFolder, "alice@contoso.test");
        return mails.some((raw) => raw.includes("Not today")) || undefined;
      });
    },
  },
  {
    cmdlet: "Import-TransportRuleCollection",
    given: (bench, via) =>
      given(bench, via, { path: "Path", content: "FileData", bytes: IMPORTED }),
    count: 1,
    async expect({ objects: [imported], bench }) {
      assert.equal(imported?.["Result"], "Imported");
      const rules = await runCmdlet(bench.server, "Get-TransportRule");
      assert.deepEqual(
        rules.map((one) => one["Name"]),
        ["Imported"],
      );
    },
  },
  {
    cmdlet: "Export-TransportRuleCollection",
    async given(bench, via): Promise<Given> {
      if (via === "rest") return {};
      return { Path: join(bench.server.dataFolder, "exported-rules.xml") };
    },
    async expect({ objects, given: { Path }, via }) {
      const parts = objects.map(({ FileData }) => Buffer.from(textOf(FileData), "base64"));
      const file = via === "rest" ? Buffer.concat(parts) : await readFile(textOf(Path));
      assert.match(file.toString("utf16le"), /New-TransportRule -Name 'Imported' /);
    },
  },
];
