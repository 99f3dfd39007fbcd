import { type Cmdlet, defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { line } from "../../org/settings/setting-types.ts";
import { ACT_INFO, jobInfo } from "./act-info.ts";
import type { QueueServices } from "./services.ts";

const NAME_MAX = 64;

/** Get-QueueJob. */
const getQueueJob = defineCmdlet({
  name: "Get-QueueJob",
  summary: "Shows acts on many queues or messages: those that run, and those of the last days.",
  notes: [
    "Suspend-Message -Filter and the like run as jobs in the server: they go on when whoever " +
      "ordered them has gone, and after a restart.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-QueueJob", doc: "All of them, the newest first." }],
  parameters: {
    Identity: optionalParameter(line({ max: NAME_MAX }), "The job's name.", { position: 0 }),
    ...pagingParameters(ACT_INFO),
  },
  output: ACT_INFO,
  async *run({ services, clock }: Invocation<QueueServices>, input) {
    const { identity } = input;
    const jobs = (await services.queues.jobs.list())
      .filter(({ id }) => identity === undefined || id === identity.toLowerCase())
      .map(jobInfo);
    if (identity !== undefined && jobs.length === 0) throw noJob(identity);
    yield* selectPage(jobs, input, { nowMs: clock.nowMs() }).items;
  },
});

/** Stop-QueueJob. */
const stopQueueJob = defineCmdlet({
  name: "Stop-QueueJob",
  summary: "Stops an act on many queues or messages; what it has done stays done.",
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  examples: [{ command: "Stop-QueueJob job-17", doc: "A name from Get-QueueJob." }],
  parameters: {
    Identity: requiredParameter(line({ max: NAME_MAX }), "The job's name.", {
      position: 0,
      pipeline: "property",
      completion: "QueueJob",
    }),
  },
  output: ACT_INFO,
  async *run({ services, changed }: Invocation<QueueServices>, { identity }) {
    const job = await services.queues.jobs.stop(identity.toLowerCase());
    if (job === undefined) throw noJob(identity);
    changed({ object: `QueueJob ${job.id}`, after: jobInfo(job) });
    yield jobInfo(job);
  },
});

/** Looking at jobs, and stopping them. */
export const QUEUE_JOB_CMDLETS: readonly Cmdlet<QueueServices>[] = [getQueueJob, stopQueueJob];

function noJob(identity: string): CmdletFault {
  const text = `there is no job ${JSON.stringify(identity)} that runs; Get-QueueJob lists all`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}
