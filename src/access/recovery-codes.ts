import { hash, randomInt } from "node:crypto";

/** Codes that one gets at one time. */
const CODES = 10;
/** Without those that are taken for others. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP_LETTERS = 4;

/**
 * New codes for the day on which the authenticator is lost: each stands in for it once. Nobody
 * guesses one of 79 bits: what is stored is a digest without salt or cost.
 */
export function makeRecoveryCodes(): readonly string[] {
  return Array.from({ length: CODES }, () =>
    Array.from({ length: GROUPS }, () =>
      Array.from({ length: GROUP_LETTERS }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(
        "",
      ),
    ).join("-"),
  );
}

/** What is stored of a code, however it is typed; `undefined`: that is none. */
export function digestRecoveryCode(code: string): string | undefined {
  // Longer texts are not looked at.
  if (code.length > 64) return undefined;
  const letters = code.toLowerCase().replaceAll(/[\s-]/g, "");
  const isCode = letters.length === GROUPS * GROUP_LETTERS && /^[a-z2-9]+$/.test(letters);
  return isCode ? hash("sha256", letters, "hex") : undefined;
}
