import type { Seat } from "../agents/agent-roster.ts";
import type { ClientScope, ReceiveAgent, SessionScope } from "../agents/receive-agent.ts";
import type { Standing } from "./connector-profile.ts";

type Seats = readonly Seat<ReceiveAgent>[];

/** A session that begins, and who its client is so far. */
export interface BeginningSession extends Pick<SessionScope, "organization" | "connector"> {
  /** Belongs to this connector of this organization, and to no other. */
  readonly standing: Standing;
  readonly remoteAddress: string;
}

/** Those that may care, and whether any of them has to see the client first. */
interface Hearers {
  readonly seats: Seats;
  readonly seesClient: boolean;
}

/**
 * Finds the agents that care for a session. What is the same for all sessions of a connector is
 * asked once, of every standing with which they begin, and again when `seats` is another list: with
 * another organization, or other agents. Where nobody cares, a session costs one look into a table.
 */
export function rememberHearers(): (seats: Seats, session: BeginningSession) => Seats {
  let known: Seats | undefined;
  let byStanding = new WeakMap<Standing, Hearers>();
  return (seats, session) => {
    if (seats !== known) {
      known = seats;
      byStanding = new WeakMap();
    }
    let hearers = byStanding.get(session.standing);
    if (hearers === undefined) {
      hearers = hearersOf(seats, session);
      byStanding.set(session.standing, hearers);
    }
    return hearers.seesClient ? thoseForClient(hearers.seats, session) : hearers.seats;
  };
}

function hearersOf(all: Seats, session: BeginningSession): Hearers {
  const scope = clientScope(session);
  const seats = all.filter(({ agent }) => agent.hears(scope));
  return { seats, seesClient: seats.some(({ agent }) => agent.hearsClient !== undefined) };
}

function thoseForClient(seats: Seats, session: BeginningSession): Seats {
  const client = clientScope(session);
  return seats.filter(({ agent }) => agent.hearsClient?.(client) ?? true);
}

function clientScope({ standing, ...session }: BeginningSession): ClientScope {
  const { rights, isAuthenticated } = standing;
  return { ...session, rights, isAuthenticated };
}
