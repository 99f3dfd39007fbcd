import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import type { EveryBench } from "../../harness/every-bench.ts";
import { type NounSample, nounRows, singleRows } from "./noun-rows.ts";

const NOUNS: readonly NounSample[] = [
  {
    noun: "Milter",
    given: (Name) => ({ Name, Endpoint: "127.0.0.1:8891", Enabled: false }),
    change: ["FailMode", "Accept"],
  },
  {
    noun: "ContentFilterPhrase",
    verb: "Add",
    given: (Phrase) => ({ Phrase, Influence: "BadWord" }),
    change: ["Influence", "GoodWord"],
  },
];

const SINGLE = [
  ["ContentFilterConfig", "RejectionResponse", "Not this", "Not that"],
  ["MalwareFilterConfig", "Action", "Quarantine", "DeleteMessage"],
] as const;

/** Scanners and their settings; chains that can run side by side. */
export const SCANNER_ROWS: readonly (readonly CmdletRow<EveryBench>[])[] = [
  ...NOUNS.map(nounRows),
  SINGLE.flatMap(singleRows),
];
