import { type CmdletTable, createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import type { AccessServices } from "../cmdlets/access/services.ts";
import { ACCESS_CMDLETS } from "../cmdlets/access/table.ts";
import type { DiagnosisServices } from "../cmdlets/diagnosis/services.ts";
import { DIAGNOSIS_CMDLETS } from "../cmdlets/diagnosis/table.ts";
import type { LogServices } from "../cmdlets/logs/services.ts";
import { LOG_CMDLETS } from "../cmdlets/logs/table.ts";
import type { OrganizationServices } from "../cmdlets/organization/services.ts";
import { ORGANIZATION_CMDLETS } from "../cmdlets/organization/table.ts";
import type { QueueServices } from "../cmdlets/queues/services.ts";
import { QUEUE_CMDLETS } from "../cmdlets/queues/table.ts";
import type { RecipientServices } from "../cmdlets/recipients/services.ts";
import { RECIPIENT_CMDLETS } from "../cmdlets/recipients/table.ts";
import type { ServerServices } from "../cmdlets/server/services.ts";
import { SERVER_CMDLETS } from "../cmdlets/server/table.ts";

/** All that the cmdlets ask a server for. */
export type CmdletServices = AccessServices &
  DiagnosisServices &
  LogServices &
  OrganizationServices &
  QueueServices &
  RecipientServices &
  ServerServices;

/** Every cmdlet there is. */
export const ALL_CMDLETS: CmdletTable<CmdletServices> = createCmdletTable<CmdletServices>([
  ...ACCESS_CMDLETS,
  ...DIAGNOSIS_CMDLETS,
  ...LOG_CMDLETS,
  ...ORGANIZATION_CMDLETS,
  ...QUEUE_CMDLETS,
  ...RECIPIENT_CMDLETS,
  ...SERVER_CMDLETS,
]);
