import { textOf } from "../../src/base/text-of.fake.ts";
import type { RestAnswer, RestClient, RestRequest } from "./rest-client.ts";

/** Asks as a page in a browser does: with a cookie, and the token that belongs to it. */
export class PageClient {
  readonly #https: RestClient;
  cookie = "";
  csrfToken = "";

  constructor(https: RestClient) {
    this.#https = https;
  }

  /** Sends a request; keeps the cookie that is set, and the token that the answer has. */
  async ask(what: string, request: RestRequest = {}): Promise<RestAnswer> {
    const headers = {
      ...(this.cookie !== "" && { cookie: this.cookie }),
      ...(this.csrfToken !== "" && !what.startsWith("GET") && { "x-csrf-token": this.csrfToken }),
      "sec-fetch-site": "same-origin",
      ...request.headers,
    };
    const answer = await this.#https(what, { ...request, headers });
    const [set] = answer.headers["set-cookie"] ?? [];
    if (set !== undefined) this.cookie = /Max-Age=0/.test(set) ? "" : (set.split(";")[0] ?? "");
    const { body } = answer;
    if (typeof body === "object" && body !== null && "csrfToken" in body) {
      this.csrfToken = textOf(body.csrfToken);
    }
    return answer;
  }
}
