import {
  ArrowRoutingRegular,
  ArrowSyncRegular,
  PauseRegular,
  PlayRegular,
} from "@fluentui/react-icons";
import type { Act } from "./act-bar.tsx";
import { texts } from "./texts.ts";

/** What can be done to queues. */
export const QUEUE_ACTS: readonly Act[] = [
  { title: texts.suspend, icon: PauseRegular, cmdlet: "Suspend-Queue", undo: "Resume-Queue" },
  { title: texts.resume, icon: PlayRegular, cmdlet: "Resume-Queue", undo: "Suspend-Queue" },
  { title: texts.retry, icon: ArrowSyncRegular, cmdlet: "Retry-Queue" },
  {
    title: texts.resubmit,
    icon: ArrowRoutingRegular,
    cmdlet: "Retry-Queue",
    parameters: { Resubmit: true },
  },
];
