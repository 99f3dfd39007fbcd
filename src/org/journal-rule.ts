import type { JOURNAL_RULE } from "./settings/journal-rule.ts";
import type { ValuesOf } from "./settings/setting.ts";

/** Reference §17.1. */
export type JournalRule = ValuesOf<typeof JOURNAL_RULE>;
