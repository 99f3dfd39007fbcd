import {
  CONTENT_FILTER_CONFIG,
  CONTENT_FILTER_PHRASE,
  MALWARE_FILTER_CONFIG,
  MILTER,
} from "./scanners.ts";

/** The kinds of objects that say which scanners are asked; rows of CONFIGURATION_KINDS. */
export const SCANNER_KINDS = {
  contentFilterConfig: {
    key: "contentFilterConfig",
    title: "content filter configuration",
    isSingle: true,
    table: CONTENT_FILTER_CONFIG,
    doc: "Who rates mail as spam, and what becomes of it then.",
  },
  contentFilterPhrase: {
    key: "contentFilterPhrases",
    title: "content filter phrase",
    isSingle: false,
    table: CONTENT_FILTER_PHRASE,
    doc: "Words that make mail welcome or unwelcome.",
  },
  malwareFilterConfig: {
    key: "malwareFilterConfig",
    title: "malware filter configuration",
    isSingle: true,
    table: MALWARE_FILTER_CONFIG,
    doc: "Who scans mail for malware, and what becomes of what is found.",
  },
  milter: {
    key: "milters",
    title: "milter",
    isSingle: false,
    table: MILTER,
    doc: "Mail filters that speak Sendmail's protocol, such as OpenDKIM.",
  },
} as const;
