import { parseScramVerifier } from "../sasl/scram-verifier.ts";
import { CREDENTIALS } from "./settings/credentials.ts";
import type { MAILBOX } from "./settings/recipients.ts";
import type { ValuesOf } from "./settings/setting.ts";

type MailboxValues = ValuesOf<typeof MAILBOX>;

/** What the user of a mailbox logs on with, as a file or the store has it. Never to be logged. */
export type MailboxSecrets = ValuesOf<typeof CREDENTIALS>;

/** A device's password among the secrets. */
export type AppPassword = MailboxSecrets["appPasswords"][number];

/** Properties of a mailbox's values that are secrets, as ValuesOf names them. */
const SECRETS: ReadonlySet<string> = new Set(
  Object.entries(CREDENTIALS).map(([property, { type }]) => property + type.suffix),
);

/** Parts a mailbox from its secrets, which no cache and no log may hold. */
export function splitMailbox(
  values: MailboxValues,
): readonly [MailboxSecrets, Omit<MailboxValues, keyof MailboxSecrets>] {
  const entries = Object.entries(values);
  const secrets = Object.fromEntries(entries.filter(([property]) => SECRETS.has(property)));
  const mailbox = Object.fromEntries(entries.filter(([property]) => !SECRETS.has(property)));
  // Both types are made of the tables that have told the entries apart.
  return [secrets as MailboxSecrets, mailbox as Omit<MailboxValues, keyof MailboxSecrets>];
}

type Report = (property: string, message: string) => void;

/** Reports secrets that don't go together. */
export function checkSecrets(secrets: MailboxSecrets, report: Report): void {
  const { password, passwordHash, scramVerifiers, ntHash, ntlmEnabled, appPasswords } = secrets;
  if (password !== undefined && passwordHash !== undefined) {
    report("passwordHash", "passwordHash: give password or passwordHash, not both");
  }
  if (password !== undefined && scramVerifiers.length > 0) {
    report("scramVerifiers", "scramVerifiers: give password or scramVerifiers, not both");
  }
  if (password !== undefined && ntHash !== undefined) {
    report("ntHash", "ntHash: give password or ntHash, not both");
  }
  if (isDoubled(scramVerifiers)) report("scramVerifiers", ONE_OF_EACH);
  const isForNtlm = ntHash !== undefined || appPasswords.some((one) => one.ntHash !== undefined);
  if (isForNtlm && !ntlmEnabled) report("ntHash", "ntHash: needs ntlmEnabled: true");
  checkAppPasswords(secrets, report);
}

const ONE_OF_EACH = "scramVerifiers: give one for SHA-256 and one for SHA-1";

function isDoubled(scramVerifiers: readonly string[]): boolean {
  return new Set(scramVerifiers.map(schemeOf)).size < scramVerifiers.length;
}

function schemeOf(verifier: string): string {
  return verifier.slice(0, verifier.indexOf("$"));
}

/** Reports verifiers with another salt than those before: the server can tell a client one only. */
function checkSalts(
  scramVerifiers: readonly string[],
  salts: Map<string, string>,
  complain: (message: string) => void,
): void {
  for (const text of scramVerifiers) {
    const verifier = parseScramVerifier(text)?.verifier;
    if (verifier === undefined) continue;
    const salt = `${verifier.iterationCount} ${Buffer.from(verifier.salt).toString("base64")}`;
    const first = salts.get(schemeOf(text)) ?? salt;
    salts.set(schemeOf(text), first);
    if (salt !== first) {
      complain("scramVerifiers: all of a mailbox must have one salt and one iteration count");
    }
  }
}

function checkAppPasswords(secrets: MailboxSecrets, report: Report): void {
  const salts = new Map<string, string>();
  checkSalts(secrets.scramVerifiers, salts, () => {});
  const names = new Set<string>();
  secrets.appPasswords.forEach((appPassword, index) => {
    const { name, password, passwordHash, scramVerifiers, ntHash } = appPassword;
    const complain = (message: string): void =>
      report("appPasswords", `appPasswords[${index + 1}].${message}`);
    if (names.has(name.toLowerCase())) complain("name: is taken by another app password");
    names.add(name.toLowerCase());
    if ((password === undefined) === (passwordHash === undefined)) {
      complain("password: give one of password and passwordHash");
    }
    if (password !== undefined && ntHash !== undefined) {
      complain("ntHash: give password or ntHash, not both");
    }
    if (password !== undefined && scramVerifiers.length > 0) {
      complain("scramVerifiers: give password or scramVerifiers, not both");
    }
    if (isDoubled(scramVerifiers)) complain(ONE_OF_EACH);
    checkSalts(scramVerifiers, salts, complain);
  });
}
