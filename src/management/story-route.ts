import type { IncomingMessage, ServerResponse } from "node:http";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { formatLinkedStory, type LinkedStory } from "../logs/linked-story.ts";
import type { OpenedLink } from "../logs/story-link.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { API_ROOT } from "./rest-endpoint.ts";

/** Below it lie the stories that links lead to. */
export const STORY_ROOT = `${API_ROOT}/story/`;

/** Each search reads the disk; whoever has a link may ask again and again. */
const READINGS_MAX = 4;

/** The stories that links lead to. */
export interface StoryReader {
  /** `undefined` when the reference is not genuine, or has expired. */
  readonly open: (reference: string) => OpenedLink | undefined;
  /** `undefined` when the log has nothing of it any more. Rejects when it cannot be read. */
  readonly read: (link: OpenedLink, signal: AbortSignal) => Promise<LinkedStory | undefined>;
}

const GONE = errorAnswer(404, {
  code: "not-found",
  message: "This link is none of this server's, has expired, or its message has left the log.",
});
const UNKNOWN = errorAnswer(401, {
  code: "unauthorized",
  message: `this story is for those with an account here: POST ${API_ROOT}/login first`,
});
const BUSY = errorAnswer(503, {
  code: "unavailable",
  message: "too many stories are being read; try again in a moment",
});

/** Makes what answers `GET /api/v1/story/REFERENCE`: JSON, or plain text for a browser. */
export function createStoryRoute(parts: {
  readonly stories: StoryReader;
  readonly diagnostics: Diagnostics;
}) {
  let readings = 0;
  return async (asked: {
    readonly reference: string;
    readonly caller: Caller | undefined;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }): Promise<Answer> => {
    const link = parts.stories.open(asked.reference);
    if (link === undefined) return GONE;
    if (!link.isAnonymous && !mayRead(asked.caller)) return UNKNOWN;
    if (readings >= READINGS_MAX) return BUSY;
    readings += 1;
    const gone = new AbortController();
    const leave = () => gone.abort();
    asked.response.once("close", leave);
    try {
      const story = await parts.stories.read(link, gone.signal);
      if (story === undefined) return GONE;
      const isForPeople = /\btext\/(?:html|plain|\*)/.test(asked.request.headers.accept ?? "");
      if (!isForPeople) return jsonAnswer(200, story);
      const type = "text/plain; charset=utf-8";
      return { status: 200, type, body: formatLinkedStory(story) };
    } catch (error) {
      parts.diagnostics.warn("story-not-read", { reason: String(error) });
      const message = "The tracking log could not be read; the server's diagnostics say why.";
      return errorAnswer(503, { code: "unavailable", message });
    } finally {
      readings -= 1;
      asked.response.off("close", leave);
    }
  };
}

/** A token for certain cmdlets may read stories only with the one that tells them. */
function mayRead(caller: Caller | undefined): boolean {
  // An administrator in no role group has no business here any more.
  if (caller === undefined || caller.roleGroups.length === 0) return false;
  return caller.cmdlets === undefined || caller.cmdlets.includes("get-messagetracedetail");
}
