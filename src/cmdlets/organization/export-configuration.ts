import { checkBackupFolder } from "../../cmdlet/backup-folder.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import { formatListedObject, formatSingleObject } from "../../org/configuration-text.ts";
import type { ObjectProperties } from "../../org/organization-editor.ts";
import {
  CONFIGURATION_KINDS,
  type ConfigurationKind,
  OBJECT_KINDS,
  RECIPIENT_KINDS,
  type RecipientKind,
} from "../../org/settings/object-kinds.ts";
import { line } from "../../org/settings/setting-types.ts";
import { LISTED_MAX, type MemberSlice } from "../../store/organization-store.ts";
import type { OrganizationServices, StoredReader } from "./services.ts";

const CONFIGURATION_TEXT = {
  name: "ConfigurationText",
  properties: { Text: { kind: "text", doc: "The next piece of the file." } },
  table: ["Text"],
} as const satisfies OutputType;

/** Characters of a piece, about. */
const PIECE_CHARACTERS = 64 * 1024;

const PARAMETERS = {
  BackupPath: optionalParameter(
    line({ max: 1024 }),
    "The folder of a backup, on the server: its configuration, not the one in force.",
  ),
};

/** `Export-PostriderConfiguration`, behind `postrider export`. */
export const exportConfiguration = defineCmdlet({
  name: "Export-PostriderConfiguration",
  summary: "Puts out the whole configuration, recipients too, as a file that can be applied.",
  notes: [
    "It holds what is stored: what nobody has set is left to its default. Applied to the same " +
      "server again, it changes nothing.",
    "Passwords are in it as hashes, other secrets sealed: they can be opened only with the file " +
      "secret.key of this server's data directory. Keep the file as you keep that.",
    "With -BackupPath it is the configuration of then: Import-PostriderConfiguration shows what " +
      "differs, and puts back all of it or what is left in the file.",
  ],
  roles: [],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [{ command: "postrider export -f postrider.yaml", doc: "Writes it to a file." }],
  parameters: PARAMETERS,
  output: CONFIGURATION_TEXT,
  async *run(run: Invocation<OrganizationServices>, { backupPath }) {
    const { caller, services } = run;
    if (backupPath === undefined) {
      yield* pieces(configurationText(services.organization, run));
      return;
    }
    const { backupFolder } = services;
    checkBackupFolder(backupPath, { caller, backupFolder, parameter: "BackupPath" });
    const backup = await services.openBackup(backupPath);
    try {
      yield* pieces(configurationText(backup, run));
    } finally {
      backup.close();
    }
  },
});

const HEADER =
  "# Configuration of Postrider. Passwords are hashes; what begins with sealed: opens only with\n" +
  "# secret.key of the server that it comes from.\n";

async function* pieces(texts: AsyncIterable<string>): AsyncGenerator<{ readonly Text: string }> {
  let piece = HEADER;
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield { Text: piece };
    piece = "";
  }
  yield { Text: piece };
}

async function* configurationText(
  editor: StoredReader,
  run: Pick<Invocation<OrganizationServices>, "signal" | "progress">,
): AsyncGenerator<string> {
  // Object.keys forgets the type of the keys it returns.
  for (const kind of Object.keys(CONFIGURATION_KINDS) as ConfigurationKind[]) {
    const { key, isSingle } = OBJECT_KINDS[kind];
    const objects = await editor.list(kind);
    const given = objects.filter(({ properties }) => Object.keys(properties).length > 0);
    if (given.length > 0) yield `${key}:\n`;
    const format = isSingle ? formatSingleObject : formatListedObject;
    for (const { properties } of given) yield format(properties);
  }
  let done = 0;
  for (const kind of Object.keys(RECIPIENT_KINDS) as RecipientKind[]) {
    for await (const text of recipientText(kind, editor)) {
      run.signal.throwIfAborted();
      done += 1;
      if (done % LISTED_MAX === 0) {
        run.progress({ activity: "Exporting", done, unit: "recipients" });
      }
      yield text;
    }
  }
}

async function* recipientText(kind: RecipientKind, editor: StoredReader): AsyncGenerator<string> {
  let after = "";
  for (;;) {
    const page = await editor.listRecipients({ kind, after, limit: LISTED_MAX });
    const last = page.at(-1);
    if (last === undefined) return;
    if (after === "") yield `${OBJECT_KINDS[kind].key}:\n`;
    after = last.name;
    for (const { json, memberCount } of page) {
      // Written from ObjectProperties.
      const properties = JSON.parse(json) as ObjectProperties;
      if (memberCount === 0) yield formatListedObject(properties);
      else yield formatListedObject({ ...properties, members: await members(properties, editor) });
    }
  }
}

async function members(
  { primarySmtpAddress }: ObjectProperties,
  editor: StoredReader,
): Promise<readonly Address[]> {
  const text = typeof primarySmtpAddress === "string" ? primarySmtpAddress : "";
  const group = parseAddress(text, { smtpUtf8: true });
  const all: Address[] = [];
  let from: number | undefined = 0;
  while (group !== undefined && from !== undefined) {
    const slice: MemberSlice = await editor.readMembers(group, { from, limit: LISTED_MAX });
    all.push(...slice.members);
    from = slice.next;
  }
  return all;
}
