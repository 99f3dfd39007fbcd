/** Callers who are no administrators: `root`, `set-up link`, and `token NAME (ADMINISTRATOR)`. */
const OTHER_CALLERS = /^(?:root|set-up link|token(?: .*)?)$/i;
/** Letters, numbers and marks, and these between them: nothing that reads as something else. */
const ACCOUNT_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@+'-]*$/u;

/** Scripts with letters that look like those of another. */
const LIKE_SCRIPTS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];

/**
 * Why nobody may be called so; `undefined`: one may. The audit log names whoever has run something:
 * nobody may be called as others are there, nor have marks in his name that turn text around.
 */
export function accountNameProblem(text: string): string | undefined {
  if (OTHER_CALLERS.test(text)) return "is what the audit log calls somebody else";
  if (LIKE_SCRIPTS.filter((script) => script.test(text)).length > 1) {
    return "mixes letters of scripts that look alike";
  }
  // One name has one form: two administrators never look the same.
  const isWhole = text === text.normalize("NFKC") && !/ $| {2}/.test(text);
  if (ACCOUNT_NAME.test(text) && isWhole) return undefined;
  return "is not a name; it has letters and digits, and . _ @ + ' - and spaces";
}
