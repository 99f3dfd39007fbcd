import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Address } from "../../mail/address.ts";
import type { SenderRewriting } from "../../mail/srs.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { AgentRoster } from "../agents/agent-roster.ts";
import type { RoutingAgent } from "../agents/routing-agent.ts";
import type { LinkTo } from "../moderation/approval-request.ts";
import type { ExpansionLimits } from "./expansion.ts";

/** What the categorizer works with. */
export interface CategorizeDependencies {
  /** The snapshot in force; a new one is a new object. */
  readonly organization: () => Organization;
  readonly directory: PeekableDirectory;
  /** Ids for copies. May reject with StoreFailure. */
  readonly nextMessageId: () => number | Promise<number>;
  /** Bounds of group expansion; the defaults are far above what people make by hand. */
  readonly limits?: ExpansionLimits;
  /** What senders become on the way to other domains; absent: they stay. */
  readonly rewriting?: SenderRewriting;
  /** What requests to moderators are made with; absent: they are dated by the message. */
  readonly moderation?: { readonly clock: Pick<Clock, "nowMs">; readonly linkTo: LinkTo };
  /** Those that judge messages on their way through; absent: nobody does. */
  readonly agents?: {
    readonly roster: AgentRoster<RoutingAgent>;
    readonly clock: Clock;
    readonly diagnostics: Pick<Diagnostics, "info">;
    /** Removes content that an agent has staged for nothing; absent: the next start does. */
    readonly discardContent?: (contentId: number) => void;
  };
}

/** A directory that may also answer from memory, as the cached one does. */
export interface PeekableDirectory extends Directory {
  /** `null`: there is no such recipient. `undefined`: it has to be asked. */
  peekRecipient?(address: Address): OrganizationRecipient | null | undefined;
}

/** One message's copies are one transaction, held in memory: so there is an end to its size. */
export const DEFAULT_LIMITS: ExpansionLimits = {
  memberCountMax: 250_000,
  groupDepthMax: 100,
  forwardCountMax: 20,
};
