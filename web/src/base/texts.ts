/** A text, or a function of what varies in it. */
export type TextEntry = string | ((...values: never[]) => string);
/** Texts of one part of the center by name. */
export type Texts = Readonly<Record<string, TextEntry>>;

/** The same texts in several languages; English is what the others are measured by. */
export interface TextTable<Own extends Texts> {
  readonly en: Own;
  /** By language subtag (`de`). */
  readonly others?: Readonly<Record<string, Own>>;
}

/** The first of the reader's languages that the table has, else English. */
export function textsOf<Own extends Texts>(
  { en, others = {} }: TextTable<Own>,
  languages: readonly string[] = navigator.languages,
): Own {
  for (const language of languages) {
    const subtag = language.split("-", 1)[0]?.toLowerCase() ?? "";
    if (subtag === "en") return en;
    const own = others[subtag];
    if (own !== undefined) return own;
  }
  return en;
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
