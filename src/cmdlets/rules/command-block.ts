/** One parameter of a command as it is written: its values, or a switch's true. */
export interface BlockParameter {
  /** Without its hyphen, as written. */
  readonly name: string;
  readonly values: readonly string[];
}

/** A cmdlet call that was read. */
export interface CommandBlock {
  readonly cmdlet: string;
  readonly parameters: readonly BlockParameter[];
}

type Token =
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "comma" };

const QUOTES = "'\u2018\u2019";

/**
 * Reads one PowerShell call as `Export-TransportRuleCollection` writes it: quoted texts, lists by
 * commas, `$true`. Nothing in it is ever run. `undefined`: it is something else.
 */
export function parseCommandBlock(text: string): CommandBlock | undefined {
  const tokens = tokenize(text.trim());
  const [first, ...rest] = tokens ?? [];
  if (first?.kind !== "value") return undefined;
  const parameters: { name: string; values: string[] }[] = [];
  let last: Token["kind"] = "value";
  for (const token of rest) {
    const current = parameters.at(-1);
    if (token.kind === "name") parameters.push({ name: token.text, values: [] });
    else if (token.kind === "value") {
      if (current === undefined || (current.values.length > 0 && last !== "comma"))
        return undefined;
      current.values.push(token.text);
    } else if (current === undefined || current.values.length === 0) return undefined;
    last = token.kind;
  }
  return { cmdlet: first.text, parameters };
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (/\s/.test(character)) {
      at += 1;
    } else if (character === ",") {
      tokens.push({ kind: "comma" });
      at += 1;
    } else if (QUOTES.includes(character) || character === '"') {
      const read = character === '"' ? readDouble(text, at + 1) : readSingle(text, at + 1);
      if (read === undefined) return undefined;
      tokens.push({ kind: "value", text: read.text });
      at = read.end;
    } else {
      const word = /^[^\s,'"\u2018\u2019]+/.exec(text.slice(at))?.[0];
      if (word === undefined || /[(){};|&<>`]/.test(word)) return undefined;
      at += word.length;
      if (/^-[A-Za-z]/.test(word)) {
        const [name = "", value] = word.slice(1).split(":", 2);
        tokens.push({ kind: "name", text: name });
        if (value !== undefined && value !== "") tokens.push({ kind: "value", text: plain(value) });
      } else tokens.push({ kind: "value", text: plain(word) });
    }
  }
  return tokens;
}

/** `$true` and its like are the only variables that say anything by themselves. */
function plain(word: string): string {
  const known = /^\$(true|false|null)$/i.exec(word)?.[1];
  return known === undefined ? word : known.toLowerCase();
}

/** Two quotes are one. */
function readSingle(text: string, start: number) {
  let read = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (!QUOTES.includes(character)) read += character;
    else if (QUOTES.includes(text[at + 1] ?? " ")) {
      read += character;
      at += 1;
    } else return { text: read, end: at + 1 };
  }
  return undefined;
}

/** What stands behind a backquote is meant as it is; two quotes are one. */
function readDouble(text: string, start: number) {
  let read = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "`" || (character === '"' && text[at + 1] === '"')) {
      read += text[at + 1] ?? "";
      at += 1;
    } else if (character === '"') return { text: read, end: at + 1 };
    else read += character;
  }
  return undefined;
}

/** Writes a call so that PowerShell, and `parseCommandBlock`, read the same. */
export function formatCommandBlock({ cmdlet, parameters }: CommandBlock): string {
  const words = parameters.map(({ name, values }) => {
    const written = values.map((value) =>
      /^(?:true|false)$/.test(value) ? `$${value}` : quote(value),
    );
    return `-${name} ${written.join(",")}`;
  });
  return [cmdlet, ...words].join(" ");
}

function quote(text: string): string {
  return `'${text.replace(/['\u2018\u2019]/g, "$&$&")}'`;
}
