import { configText } from "../../org/config-value.ts";
import { lastPriority } from "../../org/transport-rule.ts";
import { type Arrange, defineNoun, type ObjectNoun, type SeenProperties } from "./object-noun.ts";

/**
 * Moves a rule to a priority; the others close up and make room. Only those whose number changes
 * are edited: one that a file declares, and that stays where it is, is left alone.
 */
const arrangeRules: Arrange = ({ transportRules }, { mode, name, settings }) => {
  const stays = { own: {}, others: new Map() };
  const given = settings.get("priority");
  const text = given?.kind === "value" ? configText(given.json) : "";
  const unstated = transportRules.some(({ statedPriority }) => statedPriority === undefined);
  if (text === "" && mode === "change" && !settings.has("priority")) return stays;
  if (text === "" && !unstated) {
    return { ...stays, own: { priority: String(lastPriority(transportRules)) } };
  }
  const key = name.toLowerCase();
  const others = transportRules.filter((rule) => rule.name.toLowerCase() !== key);
  const place = text === "" ? others.length : Math.min(Number(text), others.length);
  const moved = others.flatMap((rule, index) => {
    const priority = index < place ? index : index + 1;
    return rule.statedPriority === priority
      ? []
      : [[rule.name, { priority: String(priority) }] as const];
  });
  return { own: { priority: String(place) }, others: new Map(moved) };
};

/** What rules have done since the server was started; it is not kept longer. */
const RULE_HITS: SeenProperties = {
  properties: {
    HitCount: {
      kind: "number",
      doc: "Messages for which it held since HitsSince, in whatever mode.",
    },
    LastHit: { kind: "date", doc: "The last one of them." },
    HitsSince: {
      kind: "date",
      doc: "Since when hits are counted: the start of the server, or of one of its threads.",
    },
  },
  async look({ rules }) {
    const { sinceMs, hits } = await rules.hits();
    const byName = new Map(hits.map((hit) => [hit.name.toLowerCase(), hit]));
    return (name) => {
      const hit = byName.get(name.toLowerCase());
      return {
        HitCount: hit?.count ?? 0,
        LastHit: hit === undefined ? null : new Date(hit.lastMs).toISOString(),
        HitsSince: new Date(sinceMs).toISOString(),
      };
    };
  },
};

/** Kinds of objects that are rules. */
export const RULE_NOUNS: readonly ObjectNoun[] = [
  defineNoun({
    kind: "transportRule",
    noun: "TransportRule",
    changers: ["Records Management"],
    columns: ["Identity", "Priority", "Enabled", "Mode", "HitCount", "Comments"],
    notes: [
      "All conditions that are given have to hold, of several values one; one exception that " +
        "holds, and the rule does not. Without conditions it holds for every message. Then all " +
        "its actions are done.",
      "Words are found as whole words, patterns are RE2's regular expressions; both in any case.",
    ],
    examples: {
      new: [
        ' -Name "Outside mail" -FromScope NotInOrganization -PrependSubject "[External] "',
        "Marks what strangers send. The new rule is the last one.",
      ],
      set: [' "Outside mail" -Priority 0', "Is asked first; the others move down."],
    },
    isSwitched: true,
    arrange: arrangeRules,
    seen: RULE_HITS,
    find: ({ transportRules }, name) =>
      transportRules.find((one) => one.name.toLowerCase() === name.toLowerCase()),
  }),
];
