import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import { type CmdletTable, createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import type { AccessServices } from "../cmdlets/access/services.ts";
import { ACCESS_CMDLETS } from "../cmdlets/access/table.ts";
import type { CertificateServices } from "../cmdlets/certificates/services.ts";
import { CERTIFICATE_CMDLETS } from "../cmdlets/certificates/table.ts";
import type { ComplianceServices } from "../cmdlets/compliance/services.ts";
import { COMPLIANCE_CMDLETS } from "../cmdlets/compliance/table.ts";
import type { DiagnosisServices } from "../cmdlets/diagnosis/services.ts";
import { DIAGNOSIS_CMDLETS } from "../cmdlets/diagnosis/table.ts";
import type { FigureServices } from "../cmdlets/figures/services.ts";
import { FIGURE_CMDLETS } from "../cmdlets/figures/table.ts";
import type { HygieneServices } from "../cmdlets/hygiene/services.ts";
import { HYGIENE_CMDLETS } from "../cmdlets/hygiene/table.ts";
import type { LogServices } from "../cmdlets/logs/services.ts";
import { LOG_CMDLETS } from "../cmdlets/logs/table.ts";
import type { OrganizationServices } from "../cmdlets/organization/services.ts";
import { ORGANIZATION_CMDLETS } from "../cmdlets/organization/table.ts";
import type { QuarantineServices } from "../cmdlets/quarantine/services.ts";
import { QUARANTINE_CMDLETS } from "../cmdlets/quarantine/table.ts";
import type { QueueServices } from "../cmdlets/queues/services.ts";
import { QUEUE_CMDLETS } from "../cmdlets/queues/table.ts";
import type { RecipientServices } from "../cmdlets/recipients/services.ts";
import { RECIPIENT_CMDLETS } from "../cmdlets/recipients/table.ts";
import type { RuleServices } from "../cmdlets/rules/services.ts";
import { RULE_CMDLETS } from "../cmdlets/rules/table.ts";
import type { ServerServices } from "../cmdlets/server/services.ts";
import { SERVER_CMDLETS } from "../cmdlets/server/table.ts";

/** All that the cmdlets ask a server for. */
export type CmdletServices = AccessServices &
  CertificateServices &
  ComplianceServices &
  DiagnosisServices &
  FigureServices &
  HygieneServices &
  LogServices &
  OrganizationServices &
  QuarantineServices &
  QueueServices &
  RecipientServices &
  RuleServices &
  ServerServices;

/** The cmdlets of each room, under the title that help and pages give them. */
export const CMDLET_GROUPS: readonly {
  readonly title: string;
  readonly cmdlets: readonly Cmdlet<CmdletServices>[];
}[] = [
  { title: "Queues and messages", cmdlets: QUEUE_CMDLETS },
  { title: "Safety Net", cmdlets: COMPLIANCE_CMDLETS },
  { title: "Quarantine and approval", cmdlets: QUARANTINE_CMDLETS },
  { title: "Message tracking, traces and logs", cmdlets: LOG_CMDLETS },
  { title: "Figures of mail flow", cmdlets: FIGURE_CMDLETS },
  { title: "Explanations and tests", cmdlets: DIAGNOSIS_CMDLETS },
  { title: "Connectors, domains and settings", cmdlets: ORGANIZATION_CMDLETS },
  { title: "Lists and reputation of mail sources", cmdlets: HYGIENE_CMDLETS },
  { title: "Mail flow rules", cmdlets: RULE_CMDLETS },
  { title: "Recipients", cmdlets: RECIPIENT_CMDLETS },
  { title: "Certificates", cmdlets: CERTIFICATE_CMDLETS },
  { title: "Administrators, tokens and the audit log", cmdlets: ACCESS_CMDLETS },
  { title: "Server and health", cmdlets: SERVER_CMDLETS },
];

/** Every cmdlet there is. */
export const ALL_CMDLETS: CmdletTable<CmdletServices> = createCmdletTable<CmdletServices>(
  CMDLET_GROUPS.flatMap(({ cmdlets }) => cmdlets),
);
