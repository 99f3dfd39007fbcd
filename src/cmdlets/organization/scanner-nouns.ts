import { requiredParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { line } from "../../org/settings/setting-types.ts";
import { defineNoun, type NameParts, type ObjectNoun } from "./object-noun.ts";

const CHANGERS: readonly RoleGroup[] = ["Hygiene Management"];

/** Exchange calls the name of a phrase its phrase. */
const PHRASE_PARTS: NameParts = {
  parameters: {
    Phrase: requiredParameter(line({ max: 256 }), "The word or words.", { position: 0 }),
  },
  nameOf: ({ phrase }) => String(phrase),
  properties: { Phrase: { kind: "text", doc: "The word or words." } },
  show: (name) => ({ Phrase: name }),
};

/** The kinds that say which scanners are asked; rows of NOUNS. */
export const SCANNER_NOUNS: readonly ObjectNoun[] = [
  defineNoun({
    kind: "contentFilterConfig",
    noun: "ContentFilterConfig",
    changers: CHANGERS,
    columns: ["Source", "SCLRejectEnabled", "SCLRejectThreshold", "SCLQuarantineEnabled"],
    notes: [
      "A message that goes on has its level in X-MS-Exchange-Organization-SCL; mailboxes put it " +
        "into the folder Junk where it is higher than SCLJunkThreshold (Set-OrganizationConfig).",
    ],
    examples: {
      set: [
        " -Source Rspamd -Endpoint 127.0.0.1:11333 -SCLQuarantineEnabled $true " +
          "-SCLQuarantineThreshold 6",
        "rspamd rates; levels from 6 on are kept in quarantine, from 7 on refused.",
      ],
    },
    find: ({ scanning }) => scanning.contentFilterConfig,
  }),
  defineNoun({
    kind: "contentFilterPhrase",
    noun: "ContentFilterPhrase",
    makingVerb: "Add",
    changers: CHANGERS,
    columns: ["Identity", "Influence"],
    parts: PHRASE_PARTS,
    examples: {
      new: [' -Phrase "act now" -Influence BadWord', "Mail with these words has level 9."],
      set: [' "act now" -Influence GoodWord', "Mail with these words has level 0."],
    },
    find: ({ scanning }, name) => byName(scanning.contentFilterPhrases, name),
  }),
  defineNoun({
    kind: "malwareFilterConfig",
    noun: "MalwareFilterConfig",
    changers: CHANGERS,
    columns: ["Enabled", "Scanners", "Action"],
    notes: [
      "In place of Exchange's malware filter policies and servers. Mail is scanned before it is " +
        "accepted, so that the sender of what is refused hears of it.",
    ],
    examples: {
      set: [
        " -Scanners clamd:/run/clamav/clamd.ctl -Action Quarantine",
        "clamd scans, and what it finds is kept for an administrator to look at.",
      ],
    },
    find: ({ scanning }) => scanning.malwareFilterConfig,
  }),
  defineNoun({
    kind: "milter",
    noun: "Milter",
    changers: CHANGERS,
    columns: ["Identity", "Endpoint", "Priority", "FailMode", "Enabled"],
    notes: ["A change is in force for sessions that begin after it."],
    examples: {
      new: [
        " -Name OpenDKIM -Endpoint 127.0.0.1:8891 -FailMode Accept",
        "Every session is told to OpenDKIM; without it mail goes on.",
      ],
      set: [' OpenDKIM -Connectors "Client Frontend"', "It hears of users' mail alone."],
    },
    find: ({ scanning }, name) => byName(scanning.milters, name),
  }),
];

function byName<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
): Named | undefined {
  return all.find((one) => one.name.toLowerCase() === name.toLowerCase());
}
