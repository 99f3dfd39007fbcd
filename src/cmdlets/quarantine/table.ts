import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { deleteQuarantineMessage } from "./delete-quarantine-message.ts";
import { exportQuarantineMessage } from "./export-quarantine-message.ts";
import { getQuarantineMessage } from "./get-quarantine-message.ts";
import { previewQuarantineMessage } from "./preview-quarantine-message.ts";
import { releaseQuarantineMessage } from "./release-quarantine-message.ts";
import type { QuarantineServices } from "./services.ts";

/** The cmdlets of this room. */
export const QUARANTINE_CMDLETS: readonly Cmdlet<QuarantineServices>[] = [
  deleteQuarantineMessage,
  exportQuarantineMessage,
  getQuarantineMessage,
  previewQuarantineMessage,
  releaseQuarantineMessage,
];
