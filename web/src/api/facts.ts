import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { NOUNS } from "../../generated/nouns.ts";
import { useSession } from "./session.ts";

/** Schema of a parameter or property, with what forms and tables need to know besides. */
export interface ValueSchema {
  readonly description?: string;
  /** `text`, `choice`, `boolean`, `number`, `bytes`, `span`, `date`, `list`, `map`, `table`, … */
  readonly "x-kind"?: string;
  readonly "x-choices"?: readonly string[];
  /** Spans in milliseconds. */
  readonly "x-range"?: {
    readonly min: number;
    readonly max: number;
    readonly unlimited: boolean;
  };
  readonly "x-multiline"?: boolean;
  /** Role groups that may give this parameter; absent: all that may run its cmdlet. */
  readonly "x-roles"?: readonly string[];
  /** Noun whose Get cmdlet lists its values. */
  readonly "x-completion"?: string;
  /** What holds while nothing is set, as Get cmdlets show it, and in words. */
  readonly "x-default"?: unknown;
  readonly "x-default-text"?: string;
  readonly items?: ValueSchema;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly anyOf?: readonly ValueSchema[];
}

/** What is said of a cmdlet in the OpenAPI document. */
export interface CmdletFacts {
  readonly summary: string;
  readonly "x-effect"?: "reads" | "changes";
  readonly parameters: Readonly<Record<string, ValueSchema>>;
  readonly required: readonly string[];
  readonly output: {
    readonly name: string;
    readonly properties: Readonly<Record<string, ValueSchema>>;
    readonly table: readonly string[];
    /** Set when the objects, in their order, are the nodes of a tree. */
    readonly tree?: TreeFacts;
  };
}

/** How objects make a tree; all are names of properties. */
export interface TreeFacts {
  /** A number: 0 is the trunk; a node belongs to the nearest one before it that is less deep. */
  readonly depth: string;
  /** A choice of Pass, Info, Warning, Fail. */
  readonly mark: string;
  /** What stands in the node's line. */
  readonly title: readonly string[];
  /** What stands below it, a line each. */
  readonly details: readonly string[];
}

/** A noun of the cmdlets: `ReceiveConnector`. */
export type Noun = keyof typeof NOUNS;

/** The cmdlets of a noun by name; loaded when first asked for. */
export async function loadFacts(noun: Noun): Promise<Readonly<Record<string, CmdletFacts>>> {
  const loaded = await NOUNS[noun]();
  // The build writes these files in this form; JSON imports have types of their own.
  return loaded.default as unknown as Readonly<Record<string, CmdletFacts>>;
}

/** The facts of one cmdlet; the page waits for them behind its nearest Suspense. */
export function useFacts(cmdlet: string): CmdletFacts | undefined {
  return useNounFacts(cmdlet.slice(cmdlet.indexOf("-") + 1))[cmdlet];
}

/** Those of all cmdlets of a noun, by name; for other texts none. Waits as `useFacts`. */
export function useNounFacts(noun: string): Readonly<Record<string, CmdletFacts>> {
  const { data } = useSuspenseQuery(
    queryOptions({
      queryKey: ["facts", noun],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: async (): Promise<Readonly<Record<string, CmdletFacts>>> =>
        isNoun(noun) ? loadFacts(noun) : {},
    }),
  );
  return data;
}

/** Whether the administrator may give a parameter of a cmdlet that he may run. */
export function useMayGive(cmdlet: string, parameter: string): boolean {
  const { roleGroups } = useSession();
  const roles = useFacts(cmdlet)?.parameters[parameter]?.["x-roles"];
  return roles === undefined || roleGroups.some((group) => roles.includes(group));
}

function isNoun(text: string): text is Noun {
  return Object.hasOwn(NOUNS, text);
}

/** Names of the parameters that hold secrets. */
export function secretsOf(facts: CmdletFacts | undefined): ReadonlySet<string> {
  const entries = Object.entries(facts?.parameters ?? {});
  return new Set(entries.filter(([, one]) => one["x-kind"] === "secret").map(([name]) => name));
}
