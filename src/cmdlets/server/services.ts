import type { Result } from "../../base/result.ts";
import type { Progress } from "../../cmdlet/cmdlet.ts";
import type { BackupManifest } from "../../diagnosis/backup-manifest.ts";
import type { StateRequest } from "../../diagnosis/component-state.ts";
import type { HealthFacts } from "../../diagnosis/health-sets.ts";
import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { AgentReport, ModuleFacts } from "../../transport/agents/agent-report.ts";
import type { PressureLevel, PressureResource } from "../../transport/queue/back-pressure.ts";

/** A backup to be made. */
export interface BackupWish {
  readonly path: string;
  readonly withKeys: boolean;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** What the cmdlets of transport agents ask for. */
export interface TransportAgentServices {
  readonly organization: OrganizationEditor;
  readonly agents: {
    /** How they are, in all threads together; those of threads that are just dead are left out. */
    readonly report: () => Promise<readonly AgentReport[]>;
    /** Has every thread load that agent's module anew. */
    readonly reload: (name: string) => Promise<void>;
    /** Whether there is such a file; nothing of it is read or run. */
    readonly find: (modulePath: string) => Promise<Result<undefined, string>>;
    /** Loads a module once, which runs its code; says what it is, or why it cannot be loaded. */
    readonly check: (modulePath: string) => Promise<Result<ModuleFacts, string>>;
  };
}

/** What a server is. */
export interface ServerFacts {
  readonly version: string;
  readonly nodeVersion: string;
  readonly platform: string;
  readonly startedMs: number;
  readonly threads: { readonly ready: number; readonly wanted: number };
  readonly dataDirectory: string;
  readonly configurationFile: string | undefined;
}

/** A resource that is watched. */
export interface ResourcePressure {
  readonly resource: PressureResource;
  readonly level: PressureLevel;
  /** Absent before the first look. */
  readonly value?: number;
  readonly acts: "reject" | "delay";
  readonly thresholds: {
    readonly lowToMedium: number;
    readonly mediumToHigh: number;
    readonly highToMedium: number;
    readonly mediumToLow: number;
    readonly unit: string;
  };
}

/** What the cmdlets of this room ask the server for. */
export interface ServerServices extends TransportAgentServices {
  readonly serverFqdn: () => string;
  /** What runs, and since when. */
  readonly serverFacts: () => Promise<ServerFacts>;
  /** Back pressure as it was at the last look. */
  readonly pressures: () => readonly ResourcePressure[];
  /** One look at everything that health is judged by; takes some seconds when DNS is silent. */
  readonly health: () => Promise<HealthFacts>;
  /** The only folder of the server's disk that callers over the network may name; whole path. */
  readonly backupFolder: string;
  /** One at a time. @throws CmdletFault; nothing of it remains then */
  readonly backup: (order: BackupWish) => Promise<BackupManifest>;
  /** Folders that are there in `backupFolder`; whole paths. */
  readonly listBackups: () => Promise<readonly string[]>;
  /** What a backup says that it holds. @throws CmdletFault when it is none */
  readonly readBackup: (path: string) => Promise<BackupManifest>;
  /** Reads a backup from end to end. @throws CmdletFault */
  readonly verifyBackup: (order: Omit<BackupWish, "withKeys">) => Promise<BackupManifest>;
  /** Recipients that wait in any queue now. */
  readonly queuedRecipients: () => Promise<number>;
  /**
   * Lets no more mail in, puts a verified backup aside for the restart that takes it up, and
   * restarts the server. When the queues must be empty and are not, nothing is changed.
   * @throws CmdletFault
   */
  readonly restore: (order: {
    readonly path: string;
    readonly queueBefore: "put-aside" | "must-be-empty";
  }) => Promise<void>;
  readonly componentStates: {
    /** What each requester asked for last. */
    readonly list: () => readonly StateRequest[];
    /** Durable and in force once it resolves. Rejects with StoreFailure. */
    readonly request: (wish: StateRequest) => Promise<void>;
  };
}
