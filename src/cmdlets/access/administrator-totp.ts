import { digestRecoveryCode, makeRecoveryCodes } from "../../access/recovery-codes.ts";
import { findTotpStep, formatTotpUri, makeTotpSecret } from "../../access/totp.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import type { AdministratorRow } from "../../store/access-store.ts";
import { totpCode } from "./access-parameters.ts";
import { ADMINISTRATOR, administratorOutput } from "./administrator-output.ts";
import { ADMINISTRATOR_IDENTITY, changeAdministrator, NO_SECOND_FACTOR } from "./administrators.ts";
import type { AccessServices } from "./services.ts";

const ADMINISTRATOR_TOTP = {
  name: "AdministratorTotp",
  properties: {
    Name: { kind: "text", doc: "Whose second factor it is." },
    TotpState: {
      kind: "choice",
      choices: ["Disabled", "Pending", "Enabled"],
      doc: "Pending until the first code is confirmed.",
    },
    Uri: { kind: "text", doc: "For an authenticator, best as a QR code; shown this once." },
    Secret: { kind: "text", doc: "The same for typing in; shown this once." },
    RecoveryCodes: {
      kind: "list",
      doc: "Each stands in for a code of the authenticator once; shown this once.",
    },
  },
  table: ["Name", "TotpState", "Uri"],
} as const satisfies OutputType;

/** Sets a second factor up, in two steps. */
export const enableAdministratorTotp = defineCmdlet({
  name: "Enable-AdministratorTotp",
  summary: "Sets up codes of an authenticator (RFC 6238) as a second factor.",
  notes: [
    "The first run shows the secret, once; from a second run with a code that the authenticator " +
      "makes of it, logging in needs a code each time. Open sessions end then.",
    "The second run shows ten recovery codes, for the day on which the authenticator is lost.",
  ],
  roles: [],
  effect: "changes",
  confirmation: "none",
  examples: [
    { command: "Enable-AdministratorTotp alice", doc: "Shows what the authenticator takes in." },
    { command: "Enable-AdministratorTotp alice -Code 123456", doc: "Confirms that it works." },
  ],
  parameters: {
    Identity: ADMINISTRATOR_IDENTITY,
    Code: optionalParameter(totpCode(), "A code of the authenticator, to confirm it."),
  },
  output: ADMINISTRATOR_TOTP,
  async *run(invocation: Invocation<AccessServices>, { identity, code }) {
    const { administrators, serverName } = invocation.services.access;
    if (code !== undefined) {
      const nowMs = invocation.clock.nowMs();
      const recovery = newRecoveryCodes();
      const { Name, TotpState } = await changeAdministrator(invocation, identity, (row) => {
        const secret = administrators.box.open(pendingSecret(row));
        const lastStep = row.totpCounter;
        const step = secret && findTotpStep({ secret, code, nowMs, lastStep });
        if (typeof step === "number") {
          const { recoveryCodes } = recovery;
          return { ...row, isTotpEnabled: true, totpCounter: step, recoveryCodes };
        }
        const text = "the code is wrong or too old; is the clock of the authenticator right?";
        throw new CmdletFault("bad-parameter", text, { parameter: "Code" });
      });
      yield { Name, TotpState, Uri: null, Secret: null, RecoveryCodes: recovery.shown };
      return;
    }
    const secret = makeTotpSecret();
    const { Name, TotpState } = await changeAdministrator(invocation, identity, (row) => {
      if (!row.isTotpEnabled) return { ...row, totpSecret: administrators.box.seal(secret) };
      const text = `${row.name} has a second factor already; Disable-AdministratorTotp removes it`;
      throw new CmdletFault("conflict", text, { parameter: "Identity" });
    });
    const uri = formatTotpUri({ server: serverName(), name: Name ?? identity, secret });
    yield { Name, TotpState, Uri: uri, Secret: secret, RecoveryCodes: null };
  },
});

/** Replaces the codes for the day on which the authenticator is lost. */
export const newAdministratorRecoveryCode = defineCmdlet({
  name: "New-AdministratorRecoveryCode",
  summary: "Makes ten new recovery codes for an administrator; those of before are worth nothing.",
  notes: ["Each stands in for a code of the authenticator once. Only digests are stored."],
  roles: [],
  effect: "changes",
  confirmation: "none",
  examples: [{ command: "New-AdministratorRecoveryCode alice", doc: "Alice has used hers up." }],
  parameters: { Identity: ADMINISTRATOR_IDENTITY },
  output: {
    name: "AdministratorRecoveryCode",
    properties: {
      Name: { kind: "text", doc: "Whose they are." },
      RecoveryCodes: { kind: "list", doc: "The codes; shown this once." },
    },
    table: ["Name", "RecoveryCodes"],
  },
  async *run(invocation: Invocation<AccessServices>, { identity }) {
    const { recoveryCodes, shown } = newRecoveryCodes();
    const { Name } = await changeAdministrator(invocation, identity, (row) => {
      if (row.isTotpEnabled) return { ...row, recoveryCodes };
      const text = `${row.name} has no second factor; Enable-AdministratorTotp sets one up`;
      throw new CmdletFault("conflict", text, { parameter: "Identity" });
    });
    yield { Name, RecoveryCodes: shown };
  },
});

function newRecoveryCodes() {
  const shown = makeRecoveryCodes();
  const recoveryCodes = shown.map(digestRecoveryCode).filter((digest) => digest !== undefined);
  return { shown, recoveryCodes };
}

/** Takes a second factor away. */
export const disableAdministratorTotp = defineCmdlet({
  name: "Disable-AdministratorTotp",
  summary: "Takes the second factor away: name and password are enough.",
  roles: [],
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Disable-AdministratorTotp alice", doc: "No codes for Alice." }],
  parameters: { Identity: ADMINISTRATOR_IDENTITY },
  output: ADMINISTRATOR,
  async *run(invocation: Invocation<AccessServices>, { identity }) {
    yield await changeAdministrator(invocation, identity, (row) => {
      if (row.totpSecret === "") {
        invocation.warn(`${administratorOutput(row).Name} has no second factor`);
      }
      return { ...row, ...NO_SECOND_FACTOR };
    });
  },
});

function pendingSecret({ name, totpSecret, isTotpEnabled }: AdministratorRow): string {
  if (!isTotpEnabled && totpSecret !== "") return totpSecret;
  const text = isTotpEnabled
    ? `${name} has confirmed a second factor already; Disable-AdministratorTotp removes it`
    : `${name} has no second factor to confirm; run Enable-AdministratorTotp without -Code first`;
  throw new CmdletFault("conflict", text, { parameter: "Code" });
}
