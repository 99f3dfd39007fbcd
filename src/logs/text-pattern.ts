import { compileWildcard } from "../cmdlet/wildcard.ts";

/** What a text must be like; all comparisons are blind to case. */
export type TextPattern =
  | { readonly kind: "is"; readonly text: string }
  | { readonly kind: "contains"; readonly text: string }
  | { readonly kind: "startsWith"; readonly text: string }
  | { readonly kind: "endsWith"; readonly text: string }
  /** With `*` for any text, none included, and `?` for one character. */
  | { readonly kind: "like"; readonly text: string };

const WILDCARD = /[*?]/;

/**
 * What an administrator means by an address: one with an `@` is that address; with `*` it is a
 * pattern; `@contoso.com` is a domain's; anything else is a part of it.
 */
export function addressPattern(text: string): TextPattern {
  if (WILDCARD.test(text)) return { kind: "like", text };
  if (text.startsWith("@")) return { kind: "endsWith", text };
  if (text.includes("@") || text === "<>") return { kind: "is", text };
  return { kind: "contains", text };
}

/** With `*` a pattern, else the whole text. */
export function wildcardPattern(text: string): TextPattern {
  return WILDCARD.test(text) ? { kind: "like", text } : { kind: "is", text };
}

/** With `*` a pattern, else a part of the text. */
export function partPattern(text: string): TextPattern {
  return WILDCARD.test(text) ? { kind: "like", text } : { kind: "contains", text };
}

/** Patterns travel between threads as they are; each is made ready once. */
const compiled = new WeakMap<TextPattern, (text: string) => boolean>();

/** Whether a text is like the pattern. Linear in the text. */
export function matchesPattern(pattern: TextPattern, text: string): boolean {
  const folded = text.toLowerCase();
  switch (pattern.kind) {
    case "is":
      return folded === pattern.text.toLowerCase();
    case "contains":
      return folded.includes(pattern.text.toLowerCase());
    case "startsWith":
      return folded.startsWith(pattern.text.toLowerCase());
    case "endsWith":
      return folded.endsWith(pattern.text.toLowerCase());
    default: {
      const matches = compiled.get(pattern) ?? compileWildcard(pattern.text);
      compiled.set(pattern, matches);
      return matches(text);
    }
  }
}

/** The longest text that whatever matches has in it somewhere. */
export function literalOf(pattern: TextPattern): string {
  if (pattern.kind !== "like") return pattern.text;
  return pattern.text
    .split(WILDCARD)
    .reduce((best, part) => (part.length > best.length ? part : best), "");
}
