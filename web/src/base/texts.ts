/** A text, or a function of what varies in it. */
export type TextEntry = string | ((...values: never[]) => string);
/** Texts of one part of the center by name. */
export type Texts = Readonly<Record<string, TextEntry>>;
/** A language: texts by part of the center. What it lacks stays English. */
export type Language = Readonly<Record<string, Texts>>;

let language: Language = {};

/** Chooses the language, before the first part asks for its texts. */
export function setLanguage(chosen: Language): void {
  language = chosen;
}

/** The texts of a part (`queues`) in the reader's language. */
export function textsOf<Own extends Texts>(part: string, en: Own): Own {
  return { ...en, ...language[part] };
}

/** The first of the reader's languages that there is: a subtag such as `de`; else `en`. */
export function selectLanguage(wanted: readonly string[], known: readonly string[]): string {
  const subtags = wanted.map((tag) => tag.split("-", 1)[0]?.toLowerCase() ?? "");
  return subtags.find((subtag) => subtag === "en" || known.includes(subtag)) ?? "en";
}

/** `1 message`, `2 messages`: English needs no more forms; other languages bring their own rule. */
export function plural(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

const numbers = new Intl.NumberFormat();

/** In the reader's form: `12,345`. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}
