import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { changedMeanwhile, ETAG, entityTag, matchesTag } from "../../cmdlet/entity-tag.ts";
import { objectChange, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import { requiredParameter } from "../../cmdlet/parameter.ts";
import { settingProperties, settingValues } from "../../cmdlet/setting-output.ts";
import { configText } from "../../org/config-value.ts";
import type { ObjectProperties, RecipientObject } from "../../org/organization-editor.ts";
import { APP_PASSWORD as APP_PASSWORD_SETTINGS } from "../../org/settings/credentials.ts";
import type { SettingTable } from "../../org/settings/setting.ts";
import { line, NAME_CHARACTERS_MAX } from "../../org/settings/setting-types.ts";
import { changeRecipient } from "./change-recipients.ts";
import { findRecipient, IDENTITY_MAX } from "./find-recipient.ts";
import type { RecipientServices } from "./services.ts";

const {
  password: _password,
  passwordHash: _passwordHash,
  scramVerifiers: _scramVerifiers,
  ntHash: _ntHash,
  ...shown
} = APP_PASSWORD_SETTINGS;

/** What may be said of an app password besides the secret itself. */
export const APP_PASSWORD_TABLE: SettingTable = shown;

/** An app password as it is shown. */
export const APP_PASSWORD: OutputType = {
  name: "AppPassword",
  properties: {
    Mailbox: { kind: "text", doc: "The mailbox that it logs on as." },
    ...settingProperties(APP_PASSWORD_TABLE),
    ETag: ETAG,
  },
  table: ["Mailbox", "Name", "Senders", "MessagesPerHour", "Enabled"],
};

/** `-Mailbox` and `-Name` of an app password. */
export const APP_PASSWORD_IDENTITY = {
  Mailbox: requiredParameter(
    line({ max: IDENTITY_MAX }),
    "The mailbox's name, or any of its addresses.",
    { position: 0, completion: "Mailbox", pipeline: "property" },
  ),
  Name: requiredParameter(line({ max: NAME_CHARACTERS_MAX }), "The app password's name.", {
    position: 1,
    pipeline: "property",
  }),
};

/** The mailbox of that name or address. @throws CmdletFault */
export function findMailbox(
  { services }: Pick<Invocation<RecipientServices>, "services">,
  identity: string,
): Promise<RecipientObject> {
  const where = { kinds: ["mailbox"] as const, parameter: "Mailbox" };
  return findRecipient(services.organization, identity, where);
}

/** The app passwords of a mailbox, as they are stored. */
export function appPasswordsOf({ appPasswords }: ObjectProperties): readonly ObjectProperties[] {
  // Written from ObjectProperties.
  return Array.isArray(appPasswords) ? (appPasswords as readonly ObjectProperties[]) : [];
}

/** An app password as it is put out. */
export function showAppPassword(mailbox: string, stored: ObjectProperties): OutputObject {
  const settings = settingValues(APP_PASSWORD_TABLE, stored, {});
  return { Mailbox: mailbox, ...settings, ETag: entityTag(stored) };
}

/** One app password of a mailbox that is to change. */
export interface AppPasswordChange {
  readonly mode: "store" | "show";
  readonly isForced: boolean;
  /** -IfMatch, of the app password. */
  readonly ifMatch?: readonly string[] | undefined;
  readonly name: string;
  /** `undefined`: there is none of that name. Returns `undefined` when it is to go. */
  readonly change: (stored: ObjectProperties | undefined) => ObjectProperties | undefined;
}

/** Changes one app password and nothing else of the mailbox. @throws CmdletFault */
export async function changeAppPassword(
  run: Invocation<RecipientServices>,
  mailbox: RecipientObject,
  { mode, isForced, ifMatch, name, change }: AppPasswordChange,
): Promise<ShownEdit> {
  let states: readonly (ObjectProperties | undefined)[] = [];
  const isNamed = (one: ObjectProperties) =>
    configText(one["name"]).toLowerCase() === name.toLowerCase();
  // What has changed is told here: of the mailbox it would be a list of names.
  const quiet = { ...run, changed: () => undefined };
  await changeRecipient(quiet, mailbox, {
    mode,
    isForced,
    change(properties) {
      const all = appPasswordsOf(properties);
      const before = all.find(isNamed);
      const after = change(before);
      if (!matchesTag(ifMatch, entityTag(before ?? {}))) {
        throw changedMeanwhile(`app password "${name}" of mailbox "${mailbox.name}"`);
      }
      states = [before, after];
      const kept = all
        .map((one) => (one === before ? after : one))
        .filter((one) => one !== undefined);
      const added = before === undefined && after !== undefined ? [after] : [];
      return { ...properties, appPasswords: [...kept, ...added] };
    },
  });
  const [before, after] = states.map(
    (stored) => stored && { stored, shown: showAppPassword(mailbox.name, stored) },
  );
  const object = `AppPassword ${mailbox.name}\\${name}`;
  const edit: ShownEdit = { object, table: APP_PASSWORD_TABLE, before, after };
  if (mode === "store") run.changed(objectChange(edit));
  return edit;
}

/** The fault of an app password that is not there. */
export function noAppPassword(mailbox: RecipientObject, name: string): CmdletFault {
  const names = appPasswordsOf(mailbox.properties).map((one) => `"${configText(one["name"])}"`);
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  const text = `mailbox "${mailbox.name}" has no app password "${name}"; ${known}`;
  return new CmdletFault("not-found", text, { parameter: "Name" });
}
