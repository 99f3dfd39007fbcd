import type { Clock } from "../base/clock.ts";
import type { OutputObject, OutputOf, OutputType } from "./output-type.ts";
import type { InputOf, ParameterTable } from "./parameter.ts";
import type { Caller, RoleGroup } from "./role-group.ts";

/** What a cmdlet would do, or is about to do: shown by -WhatIf, and before it asks. */
export interface Plan {
  /** One line per thing: `Remove message 17 from queue "fabrikam.test"`; at most 20 of them. */
  readonly actions: readonly string[];
  /** How many objects it touches in all. */
  readonly count: number;
}

/** How far long work has come. */
export interface Progress {
  /** `Exporting`, `Rebuilding the index`. */
  readonly activity: string;
  readonly done: number;
  /** `undefined` where nobody knows. */
  readonly total?: number;
  /** `messages`, `bytes`, … */
  readonly unit: string;
}

/** What a change did to an object, for the audit log; secrets are left out by who reports it. */
export interface ObjectChange {
  /** `ReceiveConnector Default Frontend` */
  readonly object: string;
  /** Properties before and after; absent: it was not there. Only what differs need be in them. */
  readonly before?: OutputObject;
  readonly after?: OutputObject;
}

/** One run of a cmdlet. `Services` is what its room asks the server for. */
export interface Invocation<Services> {
  readonly services: Services;
  readonly caller: Caller;
  readonly clock: Clock;
  /** Aborted when the caller has gone or has cancelled; long work looks at it. */
  readonly signal: AbortSignal;
  /** Names of the parameters that were given, as the table has them. */
  readonly given: ReadonlySet<string>;
  readonly progress: (progress: Progress) => void;
  readonly warn: (text: string) => void;
  /** Goes into the audit entry of this run. */
  readonly changed: (change: ObjectChange) => void;
}

/** A use of it, for help and page. */
export interface Example {
  /** `Get-Queue -Filter "MessageCount -gt 100"` */
  readonly command: string;
  readonly doc: string;
}

/** What is said of a cmdlet, once; everything else is derived from it (design §8). */
export interface CmdletFacts {
  /** `Get-Queue`: an approved verb and a noun in PascalCase. */
  readonly name: `${string}-${string}`;
  /** One sentence, for lists. */
  readonly summary: string;
  /** Paragraphs for help and page. */
  readonly notes?: readonly string[];
  /** Who may run it besides Organization Management. */
  readonly roles: readonly RoleGroup[];
  /** Whatever `changes` leaves an audit entry, also when it fails. */
  readonly effect: "reads" | "changes";
  /** It changes nothing, but gives out mail or secrets: it leaves an entry, too. */
  readonly isRecorded?: true;
  /** `asks`: the command line asks before it runs, unless -Confirm:$false. */
  readonly confirmation: "none" | "asks";
  readonly examples: readonly Example[];
  /**
   * Its output is a file: clients with a disk write what is in the property `content`, from base64
   * and in order, to the file that the parameter `path` names, which they keep to themselves.
   */
  readonly file?: { readonly path: string; readonly content: string };
  /**
   * Its input may be in files: clients with a disk read the one that the parameter `path` names,
   * which they keep to themselves, and give it to the server as the parameter `content`, in base64.
   */
  readonly inputFiles?: readonly { readonly path: string; readonly content: string }[];
  /** Bytes of JSON that its input may have; absent: 1 MiB. */
  readonly inputBytesMax?: number;
}

/** A cmdlet with the types that its handler sees. */
export interface CmdletDefinition<
  Services,
  Parameters extends ParameterTable,
  Output extends OutputType,
> extends CmdletFacts {
  readonly parameters: Parameters;
  readonly output: Output;
  /** What it would do; without it, one line made of the cmdlet and its Identity. */
  readonly plan?: (invocation: Invocation<Services>, input: InputOf<Parameters>) => Promise<Plan>;
  /** Yields its output as it comes. @throws CmdletFault */
  readonly run: (
    invocation: Invocation<Services>,
    input: InputOf<Parameters>,
  ) => AsyncIterable<OutputOf<Output>>;
}

/** Input whose values have been read by the types of the cmdlet's table. */
export type CmdletInput = Readonly<Record<string, unknown>>;

/** A cmdlet as table, binder and server have it. */
export interface Cmdlet<Services> extends CmdletFacts {
  readonly parameters: ParameterTable;
  readonly output: OutputType;
  readonly plan:
    | ((invocation: Invocation<Services>, input: CmdletInput) => Promise<Plan>)
    | undefined;
  readonly run: (
    invocation: Invocation<Services>,
    input: CmdletInput,
  ) => AsyncIterable<OutputObject>;
}

/** Makes a cmdlet of its definition. Its input must come from `readInput` with its own table. */
export function defineCmdlet<
  Services,
  Parameters extends ParameterTable,
  Output extends OutputType,
>(definition: CmdletDefinition<Services, Parameters, Output>): Cmdlet<Services> {
  const { plan, run, ...facts } = definition;
  // readInput fills the record by the same table: what InputOf says, but no type can follow it.
  const typed = (input: CmdletInput) => input as InputOf<Parameters>;
  return {
    ...facts,
    plan: plan && ((invocation, input) => plan(invocation, typed(input))),
    run: (invocation, input) => run(invocation, typed(input)) as AsyncIterable<OutputObject>,
  };
}
