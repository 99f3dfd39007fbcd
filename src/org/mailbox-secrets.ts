import type { CREDENTIALS } from "./settings/credentials.ts";
import type { MAILBOX } from "./settings/recipients.ts";
import type { ValuesOf } from "./settings/setting.ts";

type MailboxValues = ValuesOf<typeof MAILBOX>;

/** What the user of a mailbox logs on with, as a file or the store has it. Never to be logged. */
export type MailboxSecrets = ValuesOf<typeof CREDENTIALS>;

/** A device's password among the secrets. */
export type AppPassword = MailboxSecrets["appPasswords"][number];

/** Parts a mailbox from its secrets, which no cache and no log may hold. */
export function splitMailbox(
  values: MailboxValues,
): readonly [MailboxSecrets, Omit<MailboxValues, keyof MailboxSecrets>] {
  const {
    password,
    passwordHash,
    scramVerifiers,
    ntlmEnabled,
    ntHash,
    smtpClientAuthenticationDisabled,
    appPasswords,
    certificateNames,
    certificateFingerprints,
    ...mailbox
  } = values;
  const secrets = {
    password,
    passwordHash,
    scramVerifiers,
    ntlmEnabled,
    ntHash,
    smtpClientAuthenticationDisabled,
    appPasswords,
    certificateNames,
    certificateFingerprints,
  };
  return [secrets, mailbox];
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
  const hashes = new Set(scramVerifiers.map((text) => text.slice(0, text.indexOf("$"))));
  if (hashes.size < scramVerifiers.length) {
    report("scramVerifiers", "scramVerifiers: give one for SHA-256 and one for SHA-1");
  }
  const isForNtlm = ntHash !== undefined || appPasswords.some((one) => one.ntHash !== undefined);
  if (isForNtlm && !ntlmEnabled) report("ntHash", "ntHash: needs ntlmEnabled: true");
  checkAppPasswords(appPasswords, report);
}

function checkAppPasswords(appPasswords: readonly AppPassword[], report: Report): void {
  const names = new Set<string>();
  appPasswords.forEach(({ name, password, passwordHash, ntHash }, index) => {
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
  });
}
