/** What a text must be like; all comparisons are blind to case. */
export type TextPattern =
  | { readonly kind: "is"; readonly text: string }
  | { readonly kind: "contains"; readonly text: string }
  | { readonly kind: "startsWith"; readonly text: string }
  | { readonly kind: "endsWith"; readonly text: string }
  /** With `*` for any text, none included. */
  | { readonly kind: "like"; readonly parts: readonly string[] };

/**
 * What an administrator means by an address: one with an `@` is that address; with `*` it is a
 * pattern; `@contoso.com` is a domain's; anything else is a part of it.
 */
export function addressPattern(text: string): TextPattern {
  if (text.includes("*")) return likePattern(text);
  if (text.startsWith("@")) return { kind: "endsWith", text };
  if (text.includes("@") || text === "<>") return { kind: "is", text };
  return { kind: "contains", text };
}

/** With `*` a pattern, else the whole text. */
export function wildcardPattern(text: string): TextPattern {
  return text.includes("*") ? likePattern(text) : { kind: "is", text };
}

/** With `*` a pattern, else a part of the text. */
export function partPattern(text: string): TextPattern {
  return text.includes("*") ? likePattern(text) : { kind: "contains", text };
}

function likePattern(text: string): TextPattern {
  return { kind: "like", parts: text.split("*") };
}

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
    default:
      return isLike(
        folded,
        pattern.parts.map((part) => part.toLowerCase()),
      );
  }
}

/** The earliest place of each part is always good enough: no going back. */
function isLike(text: string, parts: readonly string[]): boolean {
  const [first = "", ...others] = parts;
  const last = others.pop() ?? "";
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The longest text that whatever matches has in it somewhere. */
export function literalOf(pattern: TextPattern): string {
  if (pattern.kind !== "like") return pattern.text;
  return pattern.parts.reduce((best, part) => (part.length > best.length ? part : best), "");
}
