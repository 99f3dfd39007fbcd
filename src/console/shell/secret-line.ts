import type { KnownCmdlet } from "../cmdlet-syntax.ts";

/** Words that name secrets, wherever they are parameters, variables or keys. */
const SECRET_WORD = "\\w*(?:pass(?:word|phrase)|secret|token|credential|privatekey)\\w*";
const NAMED = new RegExp(
  `(?:(?:^|[\\s({|;])--?${SECRET_WORD}[:\\s])|(?:[$'"{;\\s]${SECRET_WORD}['"]?\\s*=)`,
  "i",
);
const PARAMETER = /(?:^|[\s({|;])--?([A-Za-z][\w-]*)/g;

/**
 * Whether what was typed may hold a secret, so that it must not be kept: a parameter that is one,
 * also by the beginning of its name, or a word that says so. Better one line too many.
 */
export function mayHoldSecret(
  text: string,
  cmdlets: readonly Pick<KnownCmdlet, "name" | "parameters">[],
): boolean {
  if (NAMED.test(`${text} `)) return true;
  const folded = text.toLowerCase();
  const named = cmdlets.filter(({ name }) => folded.includes(name.toLowerCase()));
  // Of a cmdlet whose name is mistyped nobody knows the parameters.
  const secrets = (named.length === 0 ? cmdlets : named).flatMap(({ parameters }) =>
    Object.entries(parameters)
      .filter(([, { type }]) => type.isSecret === true)
      .map(([name]) => name.toLowerCase()),
  );
  for (const [, word = ""] of text.matchAll(PARAMETER)) {
    if (secrets.some((secret) => secret.startsWith(word.toLowerCase()))) return true;
  }
  return false;
}
