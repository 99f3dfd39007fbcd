import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { deleteQuarantineMessage } from "./delete-quarantine-message.ts";
import { exportQuarantineMessage } from "./export-quarantine-message.ts";
import { getQuarantineMessage } from "./get-quarantine-message.ts";
import {
  approveModeratedMessage,
  denyModeratedMessage,
  getModeratedMessage,
  previewModeratedMessage,
} from "./moderated-messages.ts";
import { previewQuarantineMessage } from "./preview-quarantine-message.ts";
import { getQuarantineMessageHistory } from "./quarantine-history.ts";
import { releaseQuarantineMessage } from "./release-quarantine-message.ts";
import type { QuarantineServices } from "./services.ts";
import { submitQuarantineMessage } from "./submit-quarantine-message.ts";

/** The cmdlets of this room. */
export const QUARANTINE_CMDLETS: readonly Cmdlet<QuarantineServices>[] = [
  deleteQuarantineMessage,
  exportQuarantineMessage,
  getQuarantineMessage,
  getQuarantineMessageHistory,
  previewQuarantineMessage,
  releaseQuarantineMessage,
  submitQuarantineMessage,
  getModeratedMessage,
  previewModeratedMessage,
  approveModeratedMessage,
  denyModeratedMessage,
];
