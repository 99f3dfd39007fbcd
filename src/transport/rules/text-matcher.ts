import { compilePattern } from "../../org/settings/rule-types.ts";

/** Finds something in a text. */
export interface TextMatcher {
  /** The word or pattern that is in the text; `undefined`: none is. */
  find(text: string): string | undefined;
}

/** How words and patterns are found: as whole words, or as RE2 patterns; both in any case. */
export type MatchKind = "words" | "patterns";

/** Makes a matcher of what an administrator wrote; patterns have been checked by the settings. */
export function compileMatcher(kind: MatchKind, values: readonly string[]): TextMatcher {
  return kind === "words" ? wordMatcher(values) : patternMatcher(values);
}

function patternMatcher(values: readonly string[]): TextMatcher {
  const patterns = values.map((text) => ({ text, pattern: compilePattern(text) }));
  return { find: (text) => patterns.find(({ pattern }) => pattern.test(text))?.text };
}

interface Word {
  readonly text: string;
  readonly folded: string;
  /** Whether a letter before or behind it makes another word of it: not so for `C++` or `.com`. */
  readonly bounded: { readonly before: boolean; readonly behind: boolean };
}

function wordMatcher(values: readonly string[]): TextMatcher {
  const words: readonly Word[] = values.map((text) => {
    const folded = foldAnew(text);
    const bounded = { before: isWordAt(folded, 0), behind: isWordBefore(folded, folded.length) };
    return { text, folded, bounded };
  });
  return {
    find(text) {
      const folded = foldText(text);
      return words.find((word) => holds(folded, word))?.text;
    },
  };
}

/** The last few texts: hundreds of rules look at the same subject, one after the other. */
const lately: { readonly text: string; readonly folded: string }[] = [];
const LATELY_MAX = 4;

/** Phrases are found across line ends, as readers see them. */
function foldText(text: string): string {
  for (const one of lately) if (one.text === text) return one.folded;
  const made = { text, folded: foldAnew(text) };
  lately.unshift(made);
  if (lately.length > LATELY_MAX) lately.pop();
  return made.folded;
}

function foldAnew(text: string): string {
  const lower = text.toLowerCase();
  return /[^\S ]| {2}/.test(lower) ? lower.replace(/\s+/g, " ") : lower;
}

function holds(text: string, { folded, bounded }: Word): boolean {
  for (let at = text.indexOf(folded); at >= 0; at = text.indexOf(folded, at + 1)) {
    const end = at + folded.length;
    const isAlone =
      !(bounded.before && isWordBefore(text, at)) && !(bounded.behind && isWordAt(text, end));
    if (isAlone) return true;
  }
  return false;
}

const WORD = /[\p{L}\p{M}\p{N}_]/u;

function isWordAt(text: string, at: number): boolean {
  const code = text.codePointAt(at);
  return code !== undefined && WORD.test(String.fromCodePoint(code));
}

function isWordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  const unit = text.charCodeAt(at - 1);
  const isLow = unit >= 0xdc00 && unit <= 0xdfff && at > 1;
  return isWordAt(text, isLow ? at - 2 : at - 1);
}
