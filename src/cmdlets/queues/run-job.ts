import { delay } from "../../base/clock.ts";
import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { forgetOrders } from "../../cmdlet/ordered-results.ts";
import { type ActInfo, describeTask, jobInfo } from "./act-info.ts";
import type { QueueJob, QueueJobTask, QueueServices } from "./services.ts";

/** How often a job is looked at while somebody waits for it. */
const LOOK_MS = 200;

/**
 * Starts a job and follows it to its end; whoever goes away meanwhile leaves it running.
 * @throws CmdletFault when it fails
 */
export async function* runJob(
  { services, caller, clock, signal, progress, warn, changed }: Invocation<QueueServices>,
  order: { readonly task: QueueJobTask; readonly expected: number },
): AsyncGenerator<ActInfo> {
  const { jobs } = services.queues;
  let job: QueueJob | undefined = await jobs.start({ ...order, by: caller.name });
  const { id } = job;
  changed({ object: `QueueJob ${id}`, after: jobInfo(job) });
  const activity = describeTask(order.task);
  while (job?.state === "Running") {
    progress({ activity, done: job.done, total: job.expected, unit: order.task.target });
    await delay(clock, LOOK_MS);
    if (signal.aborted) {
      warn(`job ${id} goes on in the server; Get-QueueJob shows it, Stop-QueueJob stops it`);
      return;
    }
    job = (await jobs.list()).find((one) => one.id === id);
  }
  forgetOrders(services.queues);
  if (job === undefined) return;
  if (job.state === "Failed") throw new CmdletFault("fault", `job ${id} failed: ${job.error}`);
  yield jobInfo(job);
}
