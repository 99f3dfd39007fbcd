import { suggestWord } from "../../org/suggestion.ts";
import type { KnownCmdlet } from "../cmdlet-syntax.ts";

/** Words that name secrets, wherever they are parameters, variables or keys. */
const SECRET_WORD = "\\w*(?:pass(?:word|phrase)|secret|token|credential|privatekey)\\w*";
const NAMED = new RegExp(
  `(?:(?:^|[\\s({|;])--?${SECRET_WORD}[:\\s])|(?:[$'"{;\\s]${SECRET_WORD}['"]?\\s*=)`,
  "i",
);
/** What a parameter that nobody knows was probably to be. */
const SECRET_NAMES = ["password", "passphrase", "secret", "token", "credential", "privatekey"];
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
  const others = named.flatMap(({ parameters }) => Object.keys(parameters));
  for (const [, typed = ""] of text.matchAll(PARAMETER)) {
    const word = typed.toLowerCase();
    if (secrets.some((secret) => secret.startsWith(word))) return true;
    // -Pasword is refused, but what was typed behind it is right.
    const isKnown = others.some((other) => other.toLowerCase().startsWith(word));
    if (!isKnown && suggestWord(word, [...secrets, ...SECRET_NAMES]) !== undefined) return true;
  }
  return false;
}
