import type { LinkedStory } from "../logs/linked-story.ts";
import type { Answer } from "./http-answer.ts";
import { factList, linkPage, shownText } from "./link-page.ts";

/** The story of a message, for people; all of it is strangers' words. */
export function storyPage({ recipients, story, ...of }: LinkedStory): Answer {
  const facts = factList([
    ["From", of.senderAddress],
    ["Received", new Date(of.received).toUTCString()],
    ["Message-ID", of.messageId],
  ]);
  const fates = factList(recipients.map(({ address, status }) => [address, status] as const));
  const events = story.map(
    ({ date, event, detail }) =>
      `<li><time datetime="${date}">${new Date(date).toUTCString()}</time> ` +
      `<strong>${shownText(event)}</strong><br>${shownText(detail)}</li>`,
  );
  const until = new Date(of.linkExpires).toUTCString();
  return linkPage(
    200,
    "The story of a message",
    `${facts}<h2>Recipients</h2>\n${fates}<h2>What happened</h2>\n<ol>\n${events.join("\n")}\n` +
      `</ol>\n<p class="faint">This link is good until ${until}.</p>`,
  );
}

/** It is for those with an account: from a page of ours their browser says who they are. */
export function strangerPage(root: string): Answer {
  return linkPage(
    401,
    "Sign in to read this",
    "<p>This story is for those with an account here.</p>\n" +
      '<p><a href="">I am signed in: open it</a></p>\n' +
      `<p><a href="${root}">Sign in first</a>, then come back to this link.</p>`,
  );
}

/** There is no story, for now or for good. */
export function noStoryPage(status: 404 | 429 | 503): Answer {
  const words = {
    404:
      "This link is none of this server's, has expired, was removed, or its message has left " +
      "the log.",
    429: "Too many requests; try again in a minute.",
    503: "It could not be read just now; try again in a minute.",
  }[status];
  return linkPage(status, "There is nothing to read here", `<p>${words}</p>`);
}
