import type { DkimSigningConfig } from "./dkim-keys.ts";
import type { TransportAgentSettings } from "./transport-agent-settings.ts";

/** What the organization says of the trust in mail and of its rules: part of the snapshot. */
export interface PolicySettings {
  readonly dkimSigningConfigs: readonly DkimSigningConfig[];
  readonly transportAgents: readonly TransportAgentSettings[];
}
