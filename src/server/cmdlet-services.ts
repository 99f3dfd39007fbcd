import { join } from "node:path";
import type { AcmeJob } from "../acme/acme-job.ts";
import type { Count } from "../base/metrics.ts";
import type { TrackingServices } from "../cmdlets/logs/tracking-services.ts";
import type { CmdletServices } from "../management/all-cmdlets.ts";
import type { AccessHost } from "./access-host.ts";
import { openBackupOrganization } from "./backup-reader.ts";
import { createCertificateDesk } from "./certificate-desk.ts";
import { createDiagnosisDesk } from "./diagnosis-host.ts";
import { createFigureServices, type FigureServiceParts } from "./figure-services.ts";
import { createHygieneDesk } from "./hygiene-desk.ts";
import { createLogServices } from "./log-search-host.ts";
import { createModerationDesk } from "./moderation-desk.ts";
import { createQuarantineDesk } from "./quarantine-desk.ts";
import type { QueueHost } from "./queue-services.ts";
import { createRecipientSearch } from "./recipient-search.ts";
import { createResubmissions } from "./resubmissions.ts";
import { createRuleDesk } from "./rule-desk.ts";
import { createServerServices, type ServerServiceParts } from "./server-services.ts";

/** What the services are made of. */
export interface CmdletServiceParts extends ServerServiceParts {
  readonly access: AccessHost;
  readonly tracking: TrackingServices["tracking"];
  readonly queues: QueueHost;
  readonly figures: FigureServiceParts["figures"];
  readonly count: Count;
  readonly acme: Pick<AcmeJob, "state" | "tryNow">;
}

/** Joins what the cmdlets ask for with what the server is made of. */
export function createCmdletServices(parts: CmdletServiceParts): CmdletServices {
  const server = createServerServices(parts);
  return {
    organization: parts.keeper.editor,
    openBackup: openBackupOrganization,
    access: parts.access.services,
    tracking: parts.tracking,
    queues: parts.queues.desk,
    quarantine: createQuarantineDesk({ ...parts, queues: parts.queues.desk }),
    resubmissions: createResubmissions({
      records: parts.store.organization.records,
      clock: parts.clock,
    }),
    logs: createLogServices(parts.logs),
    certificates: createCertificateDesk({
      directory: join(parts.dataDirectory, "certificates"),
      keeper: parts.certificates,
      clock: parts.clock,
    }),
    acme: parts.acme,
    recipients: createRecipientSearch(parts.logs, parts.keeper.file),
    diagnosis: createDiagnosisDesk({ ...parts, log: parts.tracking.log }),
    hygiene: createHygieneDesk(parts),
    rules: createRuleDesk(parts),
    moderation: createModerationDesk({ ...parts, queues: parts.queues.desk }),
    figures: createFigureServices({ ...parts, ...server }),
    ...server,
  };
}
