/** What becomes of mail that an agent could not judge: it broke, or took too long. */
export type AgentFailMode =
  /** The client gets a 4xx and tries again. */
  | "Defer"
  /** The message goes on, marked with the name of the agent. */
  | "Accept"
  /** The client gets a 5xx. */
  | "Reject";

/** What an administrator has said of one agent; what is absent is as the agent has it. */
export interface TransportAgentSettings {
  /** As Get-TransportAgent shows it; an installed one has the name that it was installed under. */
  readonly name: string;
  readonly enabled: boolean | undefined;
  readonly priority: number | undefined;
  readonly failMode: AgentFailMode | undefined;
  readonly timeLimitMs: number | undefined;
  /** It judges, its verdicts are logged, and nothing comes of them. */
  readonly shadowRun: boolean;
  /** Path of the ES module of an installed agent; absent for those that are part of the server. */
  readonly modulePath: string | undefined;
}
