import type { RoleGroup } from "../../cmdlet/role-group.ts";
import type { StateRequest } from "../../diagnosis/component-state.ts";
import type { HealthFacts } from "../../diagnosis/health-sets.ts";
import type { TimeSpan } from "../../figures/figure-keeper.ts";
import type { SeenLevel } from "../../figures/figure-table.ts";
import type { FigureRow, Resolution } from "../../figures/figures.ts";
import type { TopCategory, TopSpan } from "../../figures/top-categories.ts";
import type { TopCount } from "../../figures/top-counts.ts";
import type { NearExpiry } from "../../tls/certificate-expiry.ts";

/** Everybody who is let in: figures name nobody, and what does is hidden from some. */
export const FIGURE_READERS: readonly RoleGroup[] = [
  "Server Management",
  "Recipient Management",
  "Hygiene Management",
  "Records Management",
  "Help Desk",
  "View-Only Organization Management",
];

/** Of a certificate, what is said when it is near its end. */
export interface EndingCertificate {
  readonly file: string;
  readonly names: readonly string[];
  readonly validToMs: number;
}

/** What the server is like at this moment. */
export interface OverviewFacts {
  readonly serverName: string;
  /** How much of what there is; `undefined` until the threads were looked at. */
  readonly levels: Readonly<Record<SeenLevel, number>> | undefined;
  /** As `FigureSampler.rate`. */
  readonly rate: (names: readonly string[]) => number;
  /** When the oldest waiting message was received, epoch ms; `undefined`: none waits. */
  readonly oldestMs: number | undefined;
  /** As of some seconds ago. */
  readonly health: HealthFacts;
  readonly endingCertificates: readonly NearExpiry<EndingCertificate>[];
  readonly componentRequests: readonly StateRequest[];
}

/** What the cmdlets of this room ask the server for. */
export interface FigureServices {
  readonly figures: {
    /** Rows that begin in that span, in order. Rejects with StoreFailure. */
    readonly rows: (
      span: TimeSpan & { readonly resolution: Resolution },
    ) => Promise<readonly FigureRow[]>;
    /** Days of a time zone that the span touches, in order. Rejects with StoreFailure. */
    readonly days: (
      span: TimeSpan & { readonly timeZone: string },
    ) => Promise<readonly FigureRow[]>;
    /** The lists that begin in that span, in order. Rejects with StoreFailure. */
    readonly tops: (
      wanted: TimeSpan & { readonly category: TopCategory; readonly span: TopSpan },
    ) => Promise<readonly (readonly TopCount[])[]>;
    /** Costs next to nothing: no queue is counted for it. */
    readonly overview: () => Promise<OverviewFacts>;
  };
}
