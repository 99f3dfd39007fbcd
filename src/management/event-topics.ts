import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";

/** What pages can be told of as it changes, each with the cmdlet whose output it is. */
export const EVENT_TOPICS = { overview: "Get-TransportOverview" } as const;

/** A name out of EVENT_TOPICS. */
export type EventTopic = keyof typeof EVENT_TOPICS;

/** All of them. */
export const EVENT_TOPIC_NAMES: readonly EventTopic[] = Object.keys(EVENT_TOPICS) as EventTopic[];

/** The cmdlet of a topic; `undefined` in a table that has it not. */
export function cmdletOf(table: CmdletTable<never>, topic: EventTopic): Cmdlet<never> | undefined {
  return table.find(EVENT_TOPICS[topic]);
}

/** The topics of `?topics=a,b`, each once; a text that is none of them is given back as such. */
export function readTopics(
  text: string,
): { readonly topics: readonly EventTopic[] } | { readonly unknown: string } {
  const words = text.split(",").map((word) => word.trim().toLowerCase());
  const topics = EVENT_TOPIC_NAMES.filter((topic) => words.includes(topic));
  const unknown = words.find((word) => !EVENT_TOPIC_NAMES.some((topic) => topic === word));
  return unknown === undefined ? { topics } : { unknown };
}
