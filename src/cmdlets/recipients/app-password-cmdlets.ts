import {
  type Cmdlet,
  type CmdletInput,
  defineCmdlet,
  type Invocation,
} from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { IF_MATCH, ifMatchOf } from "../../cmdlet/entity-tag.ts";
import { applySettings, FORCE, planOf } from "../../cmdlet/object-change.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { readSettingInput, settingParameters } from "../../cmdlet/setting-parameters.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { configText } from "../../org/config-value.ts";
import type { RecipientObject } from "../../org/organization-editor.ts";
import { APP_PASSWORDS_MAX } from "../../org/settings/credentials.ts";
import { line, NAME_CHARACTERS_MAX } from "../../org/settings/setting-types.ts";
import {
  APP_PASSWORD,
  APP_PASSWORD_IDENTITY,
  APP_PASSWORD_TABLE,
  appPasswordsOf,
  changeAppPassword,
  findMailbox,
  noAppPassword,
  showAppPassword,
} from "./app-password.ts";
import { putOutNothing } from "./change-recipients.ts";
import { fitCredentials } from "./fit-credentials.ts";
import { generatePassword } from "./generated-password.ts";
import { RECIPIENT_CHANGERS, RECIPIENT_READERS } from "./recipient-noun.ts";
import type { RecipientServices } from "./services.ts";

type Run = Invocation<RecipientServices>;
type Mode = "store" | "show";

const NEW_APP_PASSWORD = {
  name: "NewAppPassword",
  properties: {
    Mailbox: { kind: "text", doc: "The mailbox that it logs on as." },
    Name: { kind: "text", doc: "The device or application." },
    UserName: { kind: "text", doc: "What the device gives as its user name." },
    Password: { kind: "text", doc: "The password; shown this once, and stored nowhere." },
  },
  table: ["Mailbox", "Name", "UserName", "Password"],
} as const satisfies OutputType;

/** The app passwords of a mailbox. */
export const getAppPassword: Cmdlet<RecipientServices> = defineCmdlet({
  name: "Get-AppPassword",
  summary: "Shows the app passwords of a mailbox, without the passwords.",
  roles: RECIPIENT_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-AppPassword alice", doc: "All of hers." },
    {
      command: "Get-Recipient -Filter \"Name -like 'printer*'\" | Get-AppPassword",
      doc: "Those of several mailboxes.",
    },
  ],
  parameters: {
    Mailbox: {
      ...APP_PASSWORD_IDENTITY.Mailbox,
      doc: "The mailbox's name, or any of its addresses.",
    },
    Name: optionalParameter(
      line({ max: NAME_CHARACTERS_MAX }),
      "Only the one of that name; * stands for any text, ? for one character.",
      { position: 1 },
    ),
  },
  output: APP_PASSWORD,
  async *run(run: Run, { mailbox: identity, name }) {
    const mailbox = await findMailbox(run, identity);
    const matches = name === undefined ? () => true : compileWildcard(name);
    const found = appPasswordsOf(mailbox.properties).filter((one) =>
      matches(configText(one["name"])),
    );
    if (found.length === 0 && name !== undefined && !/[*?]/.test(name)) {
      throw noAppPassword(mailbox, name);
    }
    for (const one of found) yield showAppPassword(mailbox.name, one);
  },
});

/** One more. */
export const newAppPassword: Cmdlet<RecipientServices> = defineCmdlet({
  name: "New-AppPassword",
  summary: "Makes a password for one device or application of a mailbox, and shows it once.",
  notes: [
    "The device logs on with it as the mailbox, with all mechanisms that take passwords. It can " +
      "be limited, disabled and removed by itself; the mailbox's own password stays out of it.",
    `A mailbox has at most ${APP_PASSWORDS_MAX}.`,
  ],
  roles: RECIPIENT_CHANGERS,
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command:
        "New-AppPassword alice -Name Scanner -Senders scanner@contoso.test -MessagesPerHour 60",
      doc: "A scanner that sends from one address, and not too much.",
    },
  ],
  parameters: {
    Mailbox: APP_PASSWORD_IDENTITY.Mailbox,
    ...positioned(settingParameters(APP_PASSWORD_TABLE, { mode: "new" })),
    Force: FORCE,
  },
  output: NEW_APP_PASSWORD,
  plan: async (run: Run, input) => planOf([(await make(run, input, "show")).edit]),
  async *run(run: Run, input) {
    yield toldOnce(await make(run, input, "store"));
  },
});

/** Another secret for one. */
export const resetAppPassword: Cmdlet<RecipientServices> = defineCmdlet({
  name: "Reset-AppPassword",
  summary: "Gives a device or application a new random password, and shows it once.",
  notes: [
    "The old one is worth nothing from now on; what it may be used for stays as it is, and one " +
      "that is disabled stays disabled.",
  ],
  roles: RECIPIENT_CHANGERS,
  effect: "changes",
  confirmation: "asks",
  examples: [
    { command: "Reset-AppPassword alice Scanner", doc: "Nobody knows the scanner's any more." },
  ],
  parameters: { ...APP_PASSWORD_IDENTITY, Force: FORCE, IfMatch: IF_MATCH },
  output: NEW_APP_PASSWORD,
  plan: async (run: Run, input) => planOf([(await reset(run, input, "show")).edit]),
  async *run(run: Run, input) {
    yield toldOnce(await reset(run, input, "store"));
  },
});

/** Changes one; its password stays. */
export const setAppPassword: Cmdlet<RecipientServices> = defineCmdlet({
  name: "Set-AppPassword",
  summary: "Changes what an app password may be used for; the password itself stays.",
  roles: RECIPIENT_CHANGERS,
  effect: "changes",
  confirmation: "none",
  examples: [
    { command: "Set-AppPassword alice Scanner -Enabled $false", doc: "It is lost; perhaps." },
  ],
  parameters: {
    ...APP_PASSWORD_IDENTITY,
    ...settingParameters(APP_PASSWORD_TABLE, { mode: "change", except: ["name"] }),
    Force: FORCE,
    IfMatch: IF_MATCH,
  },
  output: APP_PASSWORD,
  plan: async (run: Run, input) => planOf([await change(run, input, "show")]),
  run: (run: Run, input) => putOutNothing(() => change(run, input, "store")),
});

/** Takes one away. */
export const removeAppPassword: Cmdlet<RecipientServices> = defineCmdlet({
  name: "Remove-AppPassword",
  summary: "Removes an app password: the device can log on no more.",
  roles: RECIPIENT_CHANGERS,
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Remove-AppPassword alice Scanner", doc: "The scanner is gone." }],
  parameters: { ...APP_PASSWORD_IDENTITY, Force: FORCE, IfMatch: IF_MATCH },
  output: APP_PASSWORD,
  plan: async (run: Run, input) => planOf([await remove(run, input, "show")]),
  run: (run: Run, input) => putOutNothing(() => remove(run, input, "store")),
});

type Wish = CmdletInput & { readonly mailbox: string; readonly force: boolean };

async function make(run: Run, input: Wish, mode: Mode) {
  const mailbox = await findMailbox(run, input.mailbox);
  const settings = readSettingInput(APP_PASSWORD_TABLE, input, run.given);
  const named = settings.get("name");
  const name = named?.kind === "value" ? configText(named.json) : "";
  const password = generatePassword();
  const edit = await changeAppPassword(run, mailbox, {
    mode,
    isForced: input.force,
    name,
    change(before) {
      if (before === undefined) {
        return { ...applySettings(APP_PASSWORD_TABLE, { name }, settings, {}), password };
      }
      const text =
        `mailbox "${mailbox.name}" has an app password "${name}" already; ` +
        "Reset-AppPassword gives it a new password, Remove-AppPassword removes it";
      throw new CmdletFault("conflict", text, { parameter: "Name" });
    },
  });
  return { mailbox, name, password, edit };
}

async function reset(run: Run, input: Wish & { readonly name: string }, mode: Mode) {
  const mailbox = await findMailbox(run, input.mailbox);
  const password = generatePassword();
  let { name } = input;
  const edit = await changeAppPassword(run, mailbox, {
    mode,
    isForced: input.force,
    ifMatch: ifMatchOf(input),
    name,
    change(before) {
      if (before === undefined) throw noAppPassword(mailbox, name);
      name = configText(before["name"]);
      return fitCredentials({ ...before, password }, new Set(["password"]));
    },
  });
  return { mailbox, name, password, edit };
}

interface Made {
  readonly mailbox: RecipientObject;
  readonly name: string;
  readonly password: string;
}

function toldOnce({ mailbox, name, password }: Made): OutputOf<typeof NEW_APP_PASSWORD> {
  return {
    Mailbox: mailbox.name,
    Name: name,
    UserName: configText(mailbox.properties["primarySmtpAddress"]),
    Password: password,
  };
}

async function change(run: Run, input: Wish & { readonly name: string }, mode: Mode) {
  const mailbox = await findMailbox(run, input.mailbox);
  const settings = readSettingInput(APP_PASSWORD_TABLE, input, run.given);
  return changeAppPassword(run, mailbox, {
    mode,
    isForced: input.force,
    ifMatch: ifMatchOf(input),
    name: input.name,
    change(before) {
      if (before === undefined) throw noAppPassword(mailbox, input.name);
      const given = new Map([...settings].filter(([property]) => property !== "name"));
      const current = showAppPassword(mailbox.name, before);
      return applySettings(APP_PASSWORD_TABLE, before, given, current);
    },
  });
}

async function remove(run: Run, input: Wish & { readonly name: string }, mode: Mode) {
  const mailbox = await findMailbox(run, input.mailbox);
  return changeAppPassword(run, mailbox, {
    mode,
    isForced: input.force,
    ifMatch: ifMatchOf(input),
    name: input.name,
    change(before) {
      if (before === undefined) throw noAppPassword(mailbox, input.name);
      return undefined;
    },
  });
}

function positioned<Table extends Readonly<Record<string, object>>>(parameters: Table): Table {
  const { Name: name } = parameters;
  return name === undefined ? parameters : { ...parameters, Name: { ...name, position: 1 } };
}
