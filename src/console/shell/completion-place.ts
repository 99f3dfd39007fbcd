/** Where in a line something is to be completed. */
export interface CompletionPlace {
  /** What is typed of the word, with its opening quote; behind the last comma of a list. */
  readonly word: string;
  /** The words before it, its command first; none: the word is the command. */
  readonly words: readonly string[];
  /** The commands whose output is piped into it, word by word. */
  readonly upstream: readonly (readonly string[])[];
  /** The command in whose block it stands. */
  readonly outer: Omit<CompletionPlace, "word" | "outer"> | undefined;
}

/** One level of brackets. */
interface Frame {
  readonly opener: string;
  upstream: (readonly string[])[];
  words: string[];
}

/** Stands for whatever is in brackets. */
const NESTED = "(…)";

/** Finds the place at the end of what was typed, which need not be whole or right. */
export function findCompletionPlace(text: string): CompletionPlace {
  const frames: Frame[] = [{ opener: "", upstream: [], words: [] }];
  let start = -1;
  let partial = 0;
  const top = (): Frame => frames.at(-1) ?? { opener: "", upstream: [], words: [] };
  const finish = (end: number) => {
    if (start !== -1) top().words.push(text.slice(start, end));
    start = -1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (/\s/.test(character) && character !== "\n") {
      finish(at);
      continue;
    }
    if (/[|;\n]/.test(character)) {
      finish(at);
      const frame = top();
      frame.upstream = character === "|" ? [...frame.upstream, frame.words] : [];
      frame.words = [];
    } else if (/[({]/.test(character)) {
      // What touches it ($, @, %) is a word of its own.
      finish(at);
      frames.push({ opener: character, upstream: [], words: [] });
    } else if (/[)}]/.test(character)) {
      finish(at);
      if (frames.length > 1) frames.pop();
      top().words.push(NESTED);
    } else if (
      character === "=" &&
      isAssignment(top(), start === -1 ? "" : text.slice(start, at))
    ) {
      start = -1;
      top().words = [];
    } else {
      if (start === -1) {
        partial = at;
        start = at;
        joinsList(top());
      }
      if (/['"]/.test(character)) at = quoteEnd(text, at);
      if (character === ",") partial = at + 1;
    }
  }
  const isInWord = start !== -1;
  if (!isInWord) joinsList(top());
  const { words, upstream } = top();
  const outer = frames.length > 1 ? frames.at(-2) : undefined;
  return {
    word: isInWord ? text.slice(partial) : "",
    words,
    upstream,
    outer: outer && { words: outer.words, upstream: outer.upstream },
  };
}

/** `a, b` is one value: its first part is no word of its own. */
function joinsList({ words }: Frame): void {
  if (words.at(-1)?.endsWith(",") === true) words.pop();
}

function isAssignment({ words }: Frame, word: string): boolean {
  const [first, ...others] = [...words, ...(word === "" ? [] : [word])];
  return first !== undefined && others.length === 0 && /^\$\w+$/.test(first);
}

/** The last character of a quoted text, or the end where it is open. */
function quoteEnd(text: string, at: number): number {
  const quote = text.charAt(at);
  for (let end = at + 1; end < text.length; end += 1) {
    if (quote === '"' && text.charAt(end) === "`") end += 1;
    else if (text.charAt(end) === quote) return end;
  }
  return text.length;
}
