import { isSealed } from "../../base/secret-box.ts";
import { parseScramVerifier } from "../../sasl/scram-verifier.ts";
import { parsePasswordHash } from "../password.ts";
import { certificateName } from "./security-settings.ts";
import { nullable, required, type SettingType, setting } from "./setting.ts";
import {
  address,
  bool,
  checkLine,
  INTEGER_MAX,
  integer,
  listOf,
  name,
  Problem,
  scalarType,
  sectionList,
} from "./setting-types.ts";

/**
 * App passwords of a mailbox. Each costs the logon a comparison, and one with a salt of its own a
 * whole calculation.
 */
export const APP_PASSWORDS_MAX = 32;

/** A password in clear: hashed before it is stored, shown nowhere. */
function password(): SettingType<string> {
  return scalarType({
    label: "text, at most 256 characters",
    suffix: "",
    isSecret: true,
    parse: (text) =>
      text === "" ? new Problem("must not be empty") : checkLine(text, { max: 256 }),
  });
}

/** `$argon2id$v=19$m=…,t=…,p=…$salt$hash` */
function passwordHash(): SettingType<string> {
  return scalarType({
    label: "argon2id hash in PHC form",
    suffix: "",
    isSecret: true,
    parse: (text) =>
      parsePasswordHash(text) === undefined
        ? new Problem("is not an argon2id hash; write $argon2id$v=19$m=19456,t=2,p=1$salt$hash")
        : text,
  });
}

/** `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey` (RFC 5803 §3). */
function scramVerifier(): SettingType<string> {
  return scalarType({
    label: "SCRAM-SHA-256 or SCRAM-SHA-1 verifier",
    suffix: "",
    isSecret: true,
    parse: (text) =>
      parseScramVerifier(text) === undefined
        ? new Problem("is no SCRAM verifier; write SCRAM-SHA-256$4096:salt$StoredKey:ServerKey")
        : text,
  });
}

/** MD4 of the password in UTF-16, as hexadecimal digits; in the store it is sealed. */
function ntHash(): SettingType<string> {
  return scalarType({
    label: "32 hexadecimal digits",
    suffix: "",
    isSecret: true,
    parse(text) {
      if (isSealed(text)) return text;
      return /^[\dA-Fa-f]{32}$/.test(text)
        ? text.toLowerCase()
        : new Problem("is not an NT hash of 32 hexadecimal digits");
    },
  });
}

/** SHA-256 of a certificate, with or without colons; upper case with colons inside. */
function fingerprint(): SettingType<string> {
  return scalarType({
    label: "SHA-256 fingerprint",
    suffix: "",
    parse(text) {
      const digits = text.replaceAll(":", "").toUpperCase();
      if (!/^[\dA-F]{64}$/.test(digits)) {
        return new Problem("is not a SHA-256 fingerprint of 64 hexadecimal digits");
      }
      return digits.replace(/..(?!$)/g, "$&:");
    },
  });
}

/** One password of a device or application. */
export const APP_PASSWORD = {
  name: required(name(), "The device or application, as the logs name it."),
  password: nullable(
    password(),
    { text: "with passwordHash" },
    "What the device logs on with, under a name of its mailbox. Stored as an argon2id hash and " +
      "SCRAM verifiers only.",
  ),
  passwordHash: nullable(
    passwordHash(),
    { text: "made from password" },
    "Instead of password: an argon2id hash in PHC form.",
  ),
  scramVerifiers: setting(
    listOf(scramVerifier(), { max: 2 }),
    [],
    "With passwordHash: what SCRAM needs, as the mailbox's scramVerifiers and with their salt " +
      "and iterations. Made from password where that is given.",
  ),
  ntHash: nullable(
    ntHash(),
    { text: "made from password" },
    "For NTLM where the file gives passwordHash. Needs ntlmEnabled on the mailbox.",
  ),
  senders: setting(
    listOf(address(), { max: 1000 }),
    [],
    "Addresses that the device may send from; none: all that the mailbox may.",
  ),
  messagesPerHour: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Messages per hour, besides the mailbox's limits.",
  ),
  enabled: setting(bool(), "true", "false: the device can no longer log on."),
};

/** How the user of a mailbox logs on. */
export const CREDENTIALS = {
  password: nullable(
    password(),
    { text: "no logon" },
    "Stored as an argon2id hash and SCRAM verifiers only.",
  ),
  passwordHash: nullable(
    passwordHash(),
    { text: "no logon" },
    "Instead of password: an argon2id hash in PHC form. Quicker than password for many mailboxes.",
  ),
  scramVerifiers: setting(
    listOf(scramVerifier(), { max: 2 }),
    [],
    "With passwordHash: what SCRAM needs (RFC 5803), one each for SHA-256 and SHA-1. " +
      "Made from password where that is given.",
  ),
  ntlmEnabled: setting(
    bool(),
    "false",
    "Whether NTLM may be used. It needs an NT hash, which is stored encrypted with the key file.",
  ),
  ntHash: nullable(
    ntHash(),
    { text: "made from password" },
    "With passwordHash and ntlmEnabled: MD4 of the password in UTF-16.",
  ),
  smtpClientAuthenticationDisabled: setting(
    bool(),
    "false",
    "Nobody logs on as this mailbox, whatever its passwords and certificates.",
  ),
  appPasswords: setting(
    sectionList(APP_PASSWORD, { max: APP_PASSWORDS_MAX }),
    [],
    "Passwords of single devices and applications, for all that takes passwords; each can be " +
      "limited and revoked by itself.",
  ),
  certificateNames: setting(
    listOf(certificateName(), { max: 16 }),
    [],
    "Client certificates that log on as this mailbox (EXTERNAL), by issuer and subject.",
  ),
  certificateFingerprints: setting(
    listOf(fingerprint(), { max: 16 }),
    [],
    "Client certificates that log on as this mailbox, by fingerprint; they may be self-signed.",
  ),
};
