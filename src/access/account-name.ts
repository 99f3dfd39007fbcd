/** Callers who are no administrators: `root`, `set-up link`, and `token NAME (ADMINISTRATOR)`. */
const OTHER_CALLERS = /^(?:root|set-up link|token(?: .*)?)$/i;
/** Letters, numbers and marks, and these between them: nothing that reads as something else. */
const ACCOUNT_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@+'-]*$/u;

/**
 * Why nobody may be called so; `undefined`: one may. The audit log names whoever has run something:
 * nobody may be called as others are there, nor have marks in his name that turn text around.
 */
export function accountNameProblem(text: string): string | undefined {
  if (OTHER_CALLERS.test(text)) return "is what the audit log calls somebody else";
  if (ACCOUNT_NAME.test(text) && !text.endsWith(" ")) return undefined;
  return "is not a name; it has letters and digits, and . _ @ + ' - and spaces";
}
