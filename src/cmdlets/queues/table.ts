import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { exportMessage } from "./export-message.ts";
import { getMessage } from "./get-message.ts";
import { getQueue } from "./get-queue.ts";
import { MESSAGE_ACTS } from "./message-acts.ts";
import { getMessageHeader } from "./message-header.ts";
import { QUEUE_ACTS } from "./queue-acts.ts";
import { getQueueDigest } from "./queue-digest.ts";
import { QUEUE_JOB_CMDLETS } from "./queue-job.ts";
import { redirectMessage } from "./redirect-message.ts";
import type { QueueServices } from "./services.ts";

/** The cmdlets of this room. */
export const QUEUE_CMDLETS: readonly Cmdlet<QueueServices>[] = [
  getQueue,
  getQueueDigest,
  ...QUEUE_ACTS,
  getMessage,
  getMessageHeader,
  ...MESSAGE_ACTS,
  exportMessage,
  redirectMessage,
  ...QUEUE_JOB_CMDLETS,
];
