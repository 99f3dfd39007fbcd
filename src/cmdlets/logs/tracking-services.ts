import type { Waiting } from "../../logs/story.ts";
import type { StoryLinks } from "../../logs/story-links.ts";
import type { TrackingLog } from "../../logs/tracking-log.ts";

/** What the cmdlets of message tracking ask the server for. */
export interface TrackingServices {
  readonly tracking: {
    readonly log: TrackingLog;
    /** The name of the server. */
    readonly serverName: () => string;
    /** Where recipients of these messages wait now; nothing of those that have left. */
    readonly waiting: (internalMessageIds: readonly string[]) => Promise<readonly Waiting[]>;
    /** Links to stories. */
    readonly links: StoryLinks;
    /** The path of a link's page, from the root of the server. */
    readonly linkPath: (reference: string) => string;
  };
}
