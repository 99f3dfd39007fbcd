import type { Language } from "./base/texts.ts";

/**
 * Languages besides English by subtag, each loaded for those who read it:
 * `de: async () => (await import("./languages/de.ts")).de`. Its texts are typed by the English ones
 * (`typeof texts` of each part).
 */
export const LANGUAGES: Readonly<Record<string, () => Promise<Language>>> = {};
