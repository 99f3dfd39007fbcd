import type { IncomingMessage } from "node:http";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import type { LinkedStory } from "../logs/linked-story.ts";
import type { StoryLink } from "../logs/story-links.ts";
import { sourceOf } from "../net/client-address.ts";
import { ADMIN_ROOT } from "./admin-center.ts";
import { type Answer, type ErrorBody, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { API_ROOT } from "./rest-endpoint.ts";
import { RunSlots } from "./run-slots.ts";
import { SourceLimit } from "./source-limit.ts";
import { noStoryPage, storyPage, strangerPage } from "./story-page.ts";

/** Below it lie the stories that links lead to. */
export const STORY_ROOT = `${API_ROOT}/story/`;

/** Each search reads the disk; whoever has a link may ask again and again. */
const READINGS = { inAll: 8, perCaller: 4 };
const REQUESTS = { burst: 60, perSecond: 1 };

/** The stories that links lead to. */
export interface StoryReader {
  /** `undefined` when the reference is none of ours, has expired, or was removed. */
  readonly open: (reference: string) => StoryLink | undefined;
  /** `undefined` when the log has nothing of it any more. Rejects when it cannot be read. */
  readonly read: (link: StoryLink, signal: AbortSignal) => Promise<LinkedStory | undefined>;
}

const GONE = {
  code: "not-found",
  message:
    "This link is none of this server's, has expired, was removed, or its message has left " +
    "the log.",
} as const;
const UNKNOWN = {
  code: "unauthorized",
  message: `this story is for those with an account here: POST ${API_ROOT}/login first`,
} as const;
const TOO_MANY = {
  code: "too-many-requests",
  message: "too many stories are asked for from there; try again in a minute",
} as const;
const BUSY = {
  code: "unavailable",
  message: "too many stories are being read; try again in a moment",
} as const;
const UNREAD = {
  code: "unavailable",
  message: "The tracking log could not be read; the server's diagnostics say why.",
} as const;

interface Asked {
  readonly reference: string;
  readonly caller: Caller | undefined;
  readonly address: string;
  readonly request: Pick<IncomingMessage, "headers">;
  readonly response: {
    once(event: "close", listener: () => void): unknown;
    off(event: "close", listener: () => void): unknown;
  };
}

/** Makes what answers `GET /api/v1/story/REFERENCE`: JSON, or a page for a browser. */
export function createStoryRoute(parts: {
  readonly stories: StoryReader;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}): (asked: Asked) => Promise<Answer> {
  const limit = new SourceLimit(parts.clock, REQUESTS);
  const slots = new RunSlots(READINGS);
  return async (asked) => {
    const { caller, address, response } = asked;
    const isForPeople = /\btext\/(?:html|\*)/.test(asked.request.headers.accept ?? "");
    const refuse = (status: 404 | 429 | 503, error: ErrorBody) =>
      isForPeople ? noStoryPage(status) : errorAnswer(status, error);
    if (!limit.take(sourceOf(address))) return refuse(429, TOO_MANY);
    const link = parts.stories.open(asked.reference);
    if (link === undefined) return refuse(404, GONE);
    if (!link.isAnonymous && !mayRead(caller)) {
      return isForPeople ? strangerPage(ADMIN_ROOT) : errorAnswer(401, UNKNOWN);
    }
    // Those with an account don't wait for strangers.
    const release = slots.take(caller?.name ?? "");
    if (release === undefined) return refuse(503, BUSY);
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once("close", leave);
    try {
      const story = await parts.stories.read(link, gone.signal);
      if (story === undefined) return refuse(404, GONE);
      return isForPeople ? storyPage(story) : jsonAnswer(200, story);
    } catch (error) {
      parts.diagnostics.warn("story-not-read", { reason: String(error) });
      return refuse(503, UNREAD);
    } finally {
      release();
      response.off("close", leave);
    }
  };
}

/** A token for certain cmdlets may read stories only with the one that tells them. */
function mayRead(caller: Caller | undefined): boolean {
  // An administrator in no role group has no business here any more.
  if (caller === undefined || caller.roleGroups.length === 0) return false;
  return caller.cmdlets === undefined || caller.cmdlets.includes("get-messagetracedetail");
}
