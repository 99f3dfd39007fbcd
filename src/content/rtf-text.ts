import { decodeText } from "./charset.ts";

/** Groups whose text nobody is shown. */
const HIDDEN_GROUPS: ReadonlySet<string> = new Set([
  "fonttbl",
  "colortbl",
  "stylesheet",
  "info",
  "pict",
  "object",
  "themedata",
  "datastore",
  "filetbl",
  "listtable",
  "listoverridetable",
  "revtbl",
  "rsidtbl",
  "generator",
  "xmlnstbl",
  "fldinst",
]);
const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ["par", "\n"],
  ["line", "\n"],
  ["sect", "\n"],
  ["page", "\n"],
  ["row", "\n"],
  ["cell", "\t"],
  ["tab", "\t"],
  ["emdash", "—"],
  ["endash", "–"],
  ["lquote", "‘"],
  ["rquote", "’"],
  ["ldblquote", "“"],
  ["rdblquote", "”"],
  ["bullet", "•"],
]);
/** A word and its number; `\*` and `\'hh` are told apart by what follows the backslash. */
const CONTROL = /\\(?:([a-zA-Z]{1,32})(-?\d{1,10})? ?|'([0-9a-fA-F]{2})|([^a-zA-Z]))/y;
/** Groups inside one another; what is deeper is passed over. */
const DEPTH_MAX = 1000;

interface Group {
  isHidden: boolean;
  /** Characters that stand after a \u for readers that don't know it. */
  skip: number;
}

/** Takes the text out of RTF, up to a length. Linear in time, never throws. */
export function readRtfText(bytes: Buffer, textLengthMax: number): string {
  return new RtfReader(bytes.toString("latin1"), textLengthMax).read();
}

class RtfReader {
  readonly #source: string;
  readonly #max: number;
  readonly #pieces: string[] = [];
  readonly #groups: Group[] = [{ isHidden: false, skip: 1 }];
  /** Octets of the code page that are not decoded yet. */
  #octets: string[] = [];
  #codePage = "windows-1252";
  #length = 0;
  #toSkip = 0;

  constructor(source: string, max: number) {
    this.#source = source;
    this.#max = max;
  }

  read(): string {
    let at = 0;
    while (at < this.#source.length && this.#length < this.#max) {
      const character = this.#source[at];
      if (character === "{") this.#open();
      else if (character === "}") this.#close();
      else if (character === "\\") {
        at = this.#control(at);
        continue;
      } else if (character !== "\r" && character !== "\n") {
        this.#octet(character ?? "");
      }
      at += 1;
    }
    this.#flush();
    return this.#pieces.join("").slice(0, this.#max).toWellFormed();
  }

  get #group(): Group {
    return this.#groups.at(-1) ?? { isHidden: true, skip: 1 };
  }

  #open(): void {
    this.#flush();
    this.#toSkip = 0;
    if (this.#groups.length < DEPTH_MAX) this.#groups.push({ ...this.#group });
  }

  #close(): void {
    this.#flush();
    this.#toSkip = 0;
    if (this.#groups.length > 1) this.#groups.pop();
  }

  /** Takes what a backslash begins; returns where to go on. */
  #control(at: number): number {
    CONTROL.lastIndex = at;
    const match = CONTROL.exec(this.#source);
    if (match === null) return at + 1;
    const [whole, word, number, hex, symbol] = match;
    let next = at + whole.length;
    if (hex !== undefined) this.#octet(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (symbol !== undefined) this.#symbol(symbol);
    else if (word === "bin") next += Math.max(0, Number(number ?? 0));
    else if (word !== undefined)
      this.#word(word, number === undefined ? undefined : Number(number));
    return next;
  }

  #symbol(symbol: string): void {
    if (symbol === "*") this.#group.isHidden = true;
    else if (symbol === "~") this.#text("\u00a0");
    else if (symbol === "\n" || symbol === "\r") this.#text("\n");
    else if (symbol === "\\" || symbol === "{" || symbol === "}") this.#octet(symbol);
  }

  #word(word: string, number: number | undefined): void {
    if (HIDDEN_GROUPS.has(word)) this.#group.isHidden = true;
    else if (word === "ansicpg" && number !== undefined) this.#codePage = charsetOf(number);
    else if (word === "uc") this.#group.skip = Math.min(Math.max(0, number ?? 1), 100);
    else if (word === "u" && number !== undefined) {
      this.#text(String.fromCharCode(number & 0xffff));
      this.#toSkip = this.#group.skip;
    } else {
      const character = CHARACTERS.get(word);
      if (character !== undefined) this.#text(character);
    }
  }

  #octet(octet: string): void {
    if (this.#toSkip > 0) this.#toSkip -= 1;
    else if (!this.#group.isHidden) {
      this.#octets.push(octet);
      this.#length += 1;
    }
  }

  #text(text: string): void {
    this.#flush();
    if (this.#group.isHidden) return;
    this.#pieces.push(text);
    this.#length += text.length;
  }

  #flush(): void {
    if (this.#octets.length === 0) return;
    const octets = this.#octets.join("");
    this.#octets = [];
    const isAscii = !/[\x80-\xff]/.test(octets);
    const text = isAscii ? octets : decodeText(Buffer.from(octets, "latin1"), this.#codePage).text;
    this.#pieces.push(text);
  }
}

function charsetOf(codePage: number): string {
  if (codePage === 65001) return "utf-8";
  if (codePage === 932) return "shift_jis";
  if (codePage === 936) return "gbk";
  if (codePage === 949) return "euc-kr";
  if (codePage === 950) return "big5";
  return codePage === 10000
    ? "macintosh"
    : codePage < 1000
      ? `cp${codePage}`
      : `windows-${codePage}`;
}
