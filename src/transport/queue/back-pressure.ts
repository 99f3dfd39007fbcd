import type { Pressure } from "./pressure.ts";

/** Levels of reference §8. */
export type PressureLevel = "Low" | "Medium" | "High";

/** Resources that are watched. */
export type PressureResource = "disk" | "memory" | "submission_queue" | "event_loop";

/** One sample of all resources. */
export type PressureSample = Readonly<Record<PressureResource, number>>;

interface Thresholds {
  readonly lowToMedium: number;
  readonly mediumToHigh: number;
  readonly highToMedium: number;
  readonly mediumToLow: number;
  readonly unit: string;
  /** What the level does: refuse mail at once, or hold senders back first. */
  readonly acts: "reject" | "delay";
}

/**
 * Thresholds with hysteresis (reference §8): disk as DatabaseUsedSpace and memory as PrivateBytes
 * in percent, the Submission queue in messages. The delay of the event loop is ours: Exchange has
 * none.
 */
export const PRESSURE_THRESHOLDS: Readonly<Record<PressureResource, Thresholds>> = {
  disk: {
    lowToMedium: 96,
    mediumToHigh: 99,
    highToMedium: 97,
    mediumToLow: 94,
    unit: "% of the disk",
    acts: "reject",
  },
  memory: {
    lowToMedium: 72,
    mediumToHigh: 75,
    highToMedium: 73,
    mediumToLow: 71,
    unit: "% of RAM",
    acts: "reject",
  },
  submission_queue: {
    lowToMedium: 9_999,
    mediumToHigh: 15_000,
    highToMedium: 10_000,
    mediumToLow: 2_000,
    unit: "messages",
    acts: "delay",
  },
  event_loop: {
    lowToMedium: 500,
    mediumToHigh: 2_000,
    highToMedium: 1_000,
    mediumToLow: 250,
    unit: "ms of event-loop delay",
    acts: "delay",
  },
};

/**
 * Delay of the reply to MAIL at the first poll under pressure, its growth and its end (reference
 * §8).
 */
const DELAY_FIRST_MS = 10_000;
const DELAY_STEP_MS = 5_000;
const DELAY_MAX_MS = 55_000;
/** Polls that a delaying resource may stay above Low before mail is refused (10 minutes). */
const HISTORY_POLLS = 300;

/** What one poll leaves for the next. */
export interface PressureState {
  readonly levels: Readonly<Record<PressureResource, PressureLevel>>;
  /** Polls in a row that a delaying resource has been above Low. */
  readonly delayedPolls: number;
}

/** Nothing presses. */
export const RELAXED: PressureState = {
  levels: { disk: "Low", memory: "Low", submission_queue: "Low", event_loop: "Low" },
  delayedPolls: 0,
};

/** A level that has changed, in words for the log (events 15004 and 15005 of reference §8). */
export interface PressureChange {
  readonly resource: PressureResource;
  readonly from: PressureLevel;
  readonly to: PressureLevel;
  readonly reason: string;
}

/** One poll: the next state, what it means for new mail, and what has changed and why. */
export function assessPressure(
  state: PressureState,
  sample: PressureSample,
): {
  readonly state: PressureState;
  readonly pressure: Pressure;
  readonly changes: readonly PressureChange[];
} {
  const changes: PressureChange[] = [];
  const levels = { ...state.levels };
  let rejects = false;
  let delays = false;
  for (const resource of RESOURCES) {
    const thresholds = PRESSURE_THRESHOLDS[resource];
    // Results round down (reference §8).
    const value = Math.floor(sample[resource]);
    const from = state.levels[resource];
    const to = nextLevel(from, value, thresholds);
    levels[resource] = to;
    if (to !== from) changes.push({ resource, from, to, reason: `${value} ${thresholds.unit}` });
    if (to === "Low") continue;
    if (thresholds.acts === "reject" || to === "High") rejects = true;
    else delays = true;
  }
  const delayedPolls = delays ? state.delayedPolls + 1 : 0;
  if (delayedPolls > HISTORY_POLLS) rejects = true;
  const delayMs = delays
    ? Math.min(DELAY_MAX_MS, DELAY_FIRST_MS + DELAY_STEP_MS * (delayedPolls - 1))
    : 0;
  return { state: { levels, delayedPolls }, pressure: { rejects, delayMs }, changes };
}

const RESOURCES: readonly PressureResource[] = ["disk", "memory", "submission_queue", "event_loop"];

function nextLevel(from: PressureLevel, value: number, thresholds: Thresholds): PressureLevel {
  if (value >= thresholds.mediumToHigh) return "High";
  switch (from) {
    case "High":
      if (value > thresholds.highToMedium) return "High";
      return value > thresholds.mediumToLow ? "Medium" : "Low";
    case "Medium":
      return value > thresholds.mediumToLow ? "Medium" : "Low";
    default:
      return value >= thresholds.lowToMedium ? "Medium" : "Low";
  }
}
