import { fakeClock } from "../../base/clock.fake.ts";
import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { SAMPLE_QUEUE, SAMPLE_TYPE } from "../../cmdlet/filter-sample.fake.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { pagingParameters } from "../../cmdlet/paging.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { line, oneOf } from "../../org/settings/setting-types.ts";
import type { ClientRecord, RunCall } from "../run-client.ts";
import { fakeScreen } from "../screen.fake.ts";
import { Shell } from "./shell.ts";
import { ShellExit } from "./shell-fault.ts";

const GET: Cmdlet<never> = {
  name: "Get-Sample",
  summary: "Shows samples.",
  roles: [],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-Sample a", doc: "Shows one." }],
  parameters: {
    Identity: optionalParameter(line({ max: 100 }), "Which.", {
      position: 0,
      completion: "Sample",
    }),
    Colour: optionalParameter(oneOf(["Red", "Reddish", "Blue"]), "Which colour."),
    ...pagingParameters(SAMPLE_TYPE),
  },
  output: SAMPLE_TYPE,
  plan: undefined,
  async *run() {},
};

/** Two cmdlets: one that lists samples, and one that asks and takes them from the pipe. */
export const SAMPLE_CMDLETS = createCmdletTable<never>([
  GET,
  {
    ...GET,
    name: "Remove-Sample",
    effect: "changes",
    confirmation: "asks",
    parameters: {
      Identity: requiredParameter(line({ max: 100 }), "Which.", {
        position: 0,
        completion: "Sample",
        pipeline: "property",
      }),
      Password: optionalParameter({ ...line({ max: 9 }), isSecret: true }, "Secret."),
    },
  },
]);

/** Samples as a server would list them; the third has nothing in it. */
export const SAMPLES: readonly OutputObject[] = [
  { ...SAMPLE_QUEUE, Identity: "q1", MessageCount: 12, Size: 2048 },
  { ...SAMPLE_QUEUE, Identity: "q2", MessageCount: 200, Status: "Ready", Size: 1024 },
  { ...SAMPLE_QUEUE, Identity: "q3", MessageCount: 0, Status: "Ready", LastError: "451 busy" },
];

/** What came of a line. */
export interface PlayedLine {
  readonly output: string;
  readonly complaints: string;
  readonly exitCode: number;
  readonly calls: readonly RunCall[];
  /** Objects that the server was asked for. */
  readonly pulled: number;
  /** Whether the run was ended early. */
  readonly isStopped: boolean;
}

/** Runs lines on a shell with a server that has SAMPLES, unless told otherwise. */
export async function playLine(
  text: string,
  options: {
    readonly answer?: (call: RunCall) => Iterable<ClientRecord>;
    readonly answers?: readonly string[];
    readonly signal?: AbortSignal;
  } = {},
): Promise<PlayedLine> {
  const calls: RunCall[] = [];
  const state = { pulled: 0, isStopped: false };
  const { answer = answerSample, answers } = options;
  const client = {
    async *run(call: RunCall) {
      calls.push(call);
      let isDone = false;
      try {
        for (const record of answer(call)) {
          if (record.kind === "object") state.pulled += 1;
          isDone = record.kind === "done" || record.kind === "failed";
          yield record;
        }
      } finally {
        if (!isDone) state.isStopped = true;
      }
    },
  };
  const screen = fakeScreen(answers === undefined ? {} : { isInteractive: true, answers });
  const clock = fakeClock();
  const shell = new Shell({ client, screen, clock, cmdlets: SAMPLE_CMDLETS, history: () => [] });
  let exitCode: number | undefined;
  try {
    await shell.run(text, options.signal ?? new AbortController().signal);
  } catch (error) {
    if (!(error instanceof ShellExit)) throw error;
    exitCode = error.code;
  }
  const [output, complaints] = [screen.output(), screen.complaints()];
  return { output, complaints, calls, exitCode: exitCode ?? shell.exitCode, ...state };
}

/** Lists SAMPLES, and does whatever else is asked. */
export function* answerSample({ cmdlet, parameters, whatIf }: RunCall): Generator<ClientRecord> {
  if (cmdlet === "Get-Sample") {
    for (const value of SAMPLES) yield { kind: "object", value };
  } else if (whatIf) {
    const actions = [`Remove ${JSON.stringify(parameters["Identity"])}`];
    yield { kind: "plan", plan: { actions, count: 1 } };
  }
  yield { kind: "done" };
}
