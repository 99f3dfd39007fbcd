import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow, Given } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";

type Row = CmdletRow<EveryBench>;

/** Has the server keep what the rows send. */
export async function keepForRows({ server }: EveryBench): Promise<void> {
  const rule = { Name: "Keep", SentTo: ["kept@hop.test"], Quarantine: true };
  await runCmdlet(server, "New-TransportRule", rule);
}

/** Sends one that is kept from its recipient; resolves with its identity. */
async function keepOne({ server, send }: EveryBench, name: string): Promise<string> {
  await send(name, "kept@hop.test");
  return eventually({ what: `${name} in quarantine` }, async () => {
    const [kept] = await runCmdlet(server, "Get-QuarantineMessage", { Subject: name });
    return kept === undefined ? undefined : textOf(kept["Identity"]);
  });
}

const keeping = (name: string, more: Readonly<Record<string, boolean | string>> = {}) =>
  (async (bench, via) => ({
    Identity: await keepOne(bench, ownName(name, via)),
    ...more,
  })) satisfies Row["given"];

async function countOf({ server }: EveryBench, subject: string): Promise<number> {
  return (await runCmdlet(server, "Get-QuarantineMessage", { Subject: subject })).length;
}

/** The quarantine, once `keepForRows` has been called. */
export const QUARANTINE_ROWS: readonly Row[] = [
  {
    cmdlet: "Get-QuarantineMessage",
    given: async (bench, via) => {
      const name = ownName("seen", via);
      await keepOne(bench, name);
      return { Subject: name, Type: "TransportRule", StartReceivedDate: "-1h", PageSize: 5 };
    },
    count: 1,
    expect({ objects: [kept] }) {
      assert.deepEqual(kept?.["RecipientAddress"], ["kept@hop.test"]);
      assert.equal(kept["PolicyName"], "Keep");
      assert.equal(kept["SenderAddress"], "alice@contoso.test");
    },
  },
  {
    cmdlet: "Preview-QuarantineMessage",
    given: keeping("previewed"),
    count: 1,
    expect({ objects: [preview] }) {
      assert.equal(textOf(preview?.["Body"]).trim(), "x");
      assert.match(textOf(preview?.["Header"]), /^Subject: previewed/m);
    },
  },
  {
    cmdlet: "Submit-QuarantineMessage",
    given: keeping("reported"),
    count: 1,
    async expect({ objects: [reported], bench, via }) {
      assert.equal(reported?.["Type"], "TransportRule");
      assert.equal(await countOf(bench, ownName("reported", via)), 1);
    },
  },
  {
    cmdlet: "Get-QuarantineMessageHistory",
    given: async (bench, via) => {
      const Identity = await keepOne(bench, ownName("gone", via));
      await runCmdlet(bench.server, "Delete-QuarantineMessage", { Identity });
      return { Identity };
    },
    count: 1,
    expect({ objects: [event] }) {
      assert.equal(event?.["Action"], "Deleted");
      assert.deepEqual(event["RecipientAddress"], ["kept@hop.test"]);
    },
  },
  {
    cmdlet: "Export-QuarantineMessage",
    given: async (bench, via) => {
      const Identity = await keepOne(bench, ownName("exported", via));
      const path = join(bench.server.dataFolder, "exported.eml");
      const given: Given = via === "rest" ? { Identity } : { Identity, Path: path };
      return given;
    },
    async expect({ objects, given, via }) {
      const parts = objects.map(({ Eml }) => Buffer.from(textOf(Eml), "base64"));
      const eml = via === "rest" ? Buffer.concat(parts) : await readFile(textOf(given["Path"]));
      assert.match(eml.toString(), /^Message-ID: <exported/m);
      assert.match(eml.toString(), /\r\n\r\nx\r\n$/);
    },
  },
  {
    cmdlet: "Delete-QuarantineMessage",
    given: keeping("deleted"),
    count: 1,
    async expect({ objects: [deleted], bench, via }) {
      assert.equal(deleted?.["Recipients"], 1);
      assert.equal(await countOf(bench, ownName("deleted", via)), 0);
    },
  },
  {
    cmdlet: "Release-QuarantineMessage",
    given: keeping("released", { ReleaseToAll: true, ReportFalsePositive: true }),
    count: 1,
    async expect({ objects: [released], bench, via }) {
      assert.equal(released?.["Released"], 1);
      const name = ownName("released", via);
      assert.equal(await countOf(bench, name), 0);
      await eventually(
        { what: "the message at its hop" },
        () =>
          bench.hop.messages.some(({ content }) => content.includes(`Subject: ${name}`)) ||
          undefined,
      );
    },
  },
];
