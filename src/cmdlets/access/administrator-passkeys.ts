import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { line, NAME_CHARACTERS_MAX } from "../../org/settings/setting-types.ts";
import type { AdministratorRow, PasskeyRow } from "../../store/access-store.ts";
import { isoDate } from "./access-parameters.ts";
import type { AccessServices } from "./services.ts";

const ADMINISTRATOR_PASSKEY = {
  name: "AdministratorPasskey",
  properties: {
    Identity: { kind: "text", doc: "The credential's id; nobody gets in with it." },
    Administrator: { kind: "text", doc: "Whose it is." },
    Name: { kind: "text", doc: "What he calls it." },
    Host: { kind: "text", doc: "The host in the address, where alone it is good." },
    WhenCreated: { kind: "date", doc: "When it was added." },
    LastUsedDate: { kind: "date", doc: "When he signed in with it last." },
  },
  table: ["Identity", "Administrator", "Name", "WhenCreated", "LastUsedDate"],
} as const satisfies OutputType;

const IDENTITY_CHARACTERS_MAX = 1400;

/** The passkeys that administrators sign in with. */
export const getAdministratorPasskey = defineCmdlet({
  name: "Get-AdministratorPasskey",
  summary: "Shows the passkeys that administrators sign in with.",
  notes: ["Everybody adds his own in the admin center, under My account."],
  roles: ["View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-AdministratorPasskey -Administrator alice", doc: "Alice's." }],
  parameters: {
    Administrator: optionalParameter(line({ max: NAME_CHARACTERS_MAX }), "Only his.", {
      position: 0,
      completion: "Administrator",
    }),
  },
  output: ADMINISTRATOR_PASSKEY,
  async *run({ services }: Invocation<AccessServices>, { administrator }) {
    const wanted = administrator?.toLowerCase();
    for (const row of services.access.administrators.rows.all()) {
      if (wanted !== undefined && row.name.toLowerCase() !== wanted) continue;
      for (const passkey of row.passkeys) yield passkeyOutput(row, passkey);
    }
  },
});

/** Takes one away. */
export const removeAdministratorPasskey = defineCmdlet({
  name: "Remove-AdministratorPasskey",
  summary: "Takes a passkey away: nobody signs in with it any more.",
  notes: ["Sessions that began with it end; others of his go on."],
  roles: [],
  effect: "changes",
  confirmation: "asks",
  examples: [
    {
      command: "Get-AdministratorPasskey alice | Remove-AdministratorPasskey",
      doc: "All of Alice's, in the shell.",
    },
  ],
  parameters: {
    Identity: requiredParameter(
      line({ max: IDENTITY_CHARACTERS_MAX }),
      "The passkey, as Get-AdministratorPasskey has it.",
      { position: 0, pipeline: "property" },
    ),
  },
  output: ADMINISTRATOR_PASSKEY,
  async *run(invocation: Invocation<AccessServices>, { identity }) {
    const { rows } = invocation.services.access.administrators;
    const isIt = ({ id }: PasskeyRow) => id === identity;
    const owner = rows.all().find(({ passkeys }) => passkeys.some(isIt));
    let removed: PasskeyRow | undefined;
    if (owner !== undefined) {
      await rows.change(owner.name, (row) => {
        removed = row?.passkeys.find(isIt);
        if (row === undefined || removed === undefined) return row;
        return { ...row, passkeys: row.passkeys.filter((one) => !isIt(one)) };
      });
    }
    if (owner === undefined || removed === undefined) {
      const text = `there is no passkey "${identity}"; Get-AdministratorPasskey lists them`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    const object = `AdministratorPasskey of ${owner.name}`;
    invocation.changed({ object, before: passkeyOutput(owner, removed) });
  },
});

function passkeyOutput(
  { name }: AdministratorRow,
  passkey: PasskeyRow,
): OutputOf<typeof ADMINISTRATOR_PASSKEY> {
  return {
    Identity: passkey.id,
    Administrator: name,
    Name: passkey.name,
    Host: passkey.host,
    WhenCreated: isoDate(passkey.createdMs),
    LastUsedDate: isoDate(passkey.lastUsedMs),
  };
}
