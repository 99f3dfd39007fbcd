import type { ObjectNoun } from "./object-noun.ts";

/** What is not written in small letters inside a sentence. */
const PROPER: ReadonlyMap<string, string> = new Map([
  ["Dkim", "DKIM"],
  ["IPAllow", "IP allow"],
  ["IPBlock", "IP block"],
  ["Tls", "TLS"],
  ["OAuth", "OAuth"],
]);

/** `accepted domain`, `TLS policy`: a noun as a sentence has it. */
export function titleOf({ noun }: Pick<ObjectNoun, "noun">): string {
  const words = noun.replace(/([a-z])([A-Z])/g, "$1 $2").split(" ");
  return words.map((word) => PROPER.get(word) ?? word.toLowerCase()).join(" ");
}

/** `an accepted domain`, `a TLS policy`; no title of ours begins with `u`, which may be either. */
export function withArticle(title: string): string {
  return `${/^[aeio]/i.test(title) ? "an" : "a"} ${title}`;
}
