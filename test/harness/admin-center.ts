import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { runCmdlet } from "./cmdlets.ts";
import { type ContosoOptions, contoso } from "./contoso.ts";
import { freePort } from "./free-port.ts";
import { later, type Scope } from "./scope.ts";
import { type ServerOptions, startServer, type TestServer } from "./server.ts";

const CHROMIUM = "/usr/bin/chromium";
const PASSWORD = "correct horse battery";
const ACTION_WITHIN_MS = 15_000;
const TRANSITION_MS = 250;
const LOOKS_AGAIN = 2;
/** WCAG 2.2, levels A and AA. */
const WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** How the administrator and his screen are. */
export interface Visitor {
  readonly name?: string;
  readonly roleGroups?: readonly string[];
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly forcedColors?: "active";
  /** Language and region of the browser; British English unless told otherwise. */
  readonly locale?: string;
}

/** A server with its admin center, and what the tests of pages need. */
export interface AdminCenter {
  readonly server: TestServer;
  readonly smtpPort: number;
  readonly adminPort: number;
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** A browser window in which an administrator has signed in. */
  readonly signIn: (visitor?: Visitor) => Promise<AdminPage>;
}

/** Starts a server and a browser; both end with the test. */
export async function openAdminCenter(
  t: Scope,
  options: Partial<ContosoOptions> & Pick<ServerOptions, "dataFolder" | "environment"> = {},
): Promise<AdminCenter> {
  const { environment = {}, dataFolder, ...contosoOptions } = options;
  const { smtpPort = await freePort(), adminPort = await freePort() } = options;
  const configuration = contoso({ ...contosoOptions, smtpPort, adminPort });
  const server = await startServer(t, {
    configuration,
    environment,
    ...(dataFolder !== undefined && { dataFolder }),
  });
  const browser = await openBrowser(t);
  const origin = `https://127.0.0.1:${adminPort}`;
  const known = new Set<string>();
  const signIn = async (visitor: Visitor = {}) => {
    const { name = "admin", roleGroups = ["Organization Management"] } = visitor;
    if (!known.has(name)) {
      const administrator = { Name: name, Password: PASSWORD, RoleGroups: roleGroups };
      await runCmdlet(server, "New-Administrator", administrator);
      known.add(name);
    }
    const opened = await openPage(t, { browser, origin, visitor });
    await opened.visit("/");
    await opened.page.getByRole("textbox", { name: "Name" }).fill(name);
    await opened.page.locator("input[type=password]").fill(PASSWORD);
    await opened.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await opened.page.getByRole("button", { name: /^Signed in as/ }).waitFor();
    return opened;
  };
  return { server, smtpPort, adminPort, origin, signIn };
}

/** Debian's Chromium; root may not use its sandbox. */
export async function openBrowser(t: Scope): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...(isRoot ? ["--no-sandbox"] : []), "--disable-dev-shm-usage"],
  });
  later(t, () => browser.close());
  return browser;
}

/** A window that nobody has signed in to. */
export async function openPage(
  t: Scope,
  parts: { readonly browser: Browser; readonly origin: string; readonly visitor?: Visitor },
): Promise<AdminPage> {
  const { browser, origin, visitor = {} } = parts;
  const { width = 1280, height = 800, colorScheme = "light", locale = "en-GB" } = visitor;
  const { forcedColors = "none" } = visitor;
  const context = await browser.newContext({
    // The certificate of a test's server is its own.
    ignoreHTTPSErrors: true,
    viewport: { width, height },
    colorScheme,
    forcedColors,
    locale,
    timezoneId: "UTC",
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  later(t, () => context.close());
  context.setDefaultTimeout(ACTION_WITHIN_MS);
  return new AdminPage(await context.newPage(), { context, origin });
}

/** A window of the admin center. */
export class AdminPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #origin: string;
  /** What the browser complained of: errors of scripts, refusals of the content policy. */
  readonly complaints: string[] = [];

  constructor(page: Page, of: { readonly context: BrowserContext; readonly origin: string }) {
    this.page = page;
    this.context = of.context;
    this.#origin = of.origin;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      // Answers of the server that pages expect: who is nobody, what is not there.
      if (/Failed to load resource.* status of 4\d\d/.test(message.text())) return;
      // It does not say what of.
      const of = message.text().startsWith("Failed to load") ? ` ${message.location().url}` : "";
      this.complaints.push(message.text() + of);
    });
  }

  /** Goes to a page of the center: `/queues`. */
  async visit(path: string): Promise<void> {
    await this.page.goto(`${this.#origin}/admin${path}`);
    await this.page.locator("h1").first().waitFor();
  }

  /** Goes on to a page as a link of the center does: nothing is loaded that is there already. */
  async follow(path: string): Promise<void> {
    const url = JSON.stringify(`/admin${path}`.replace(/\/$/, ""));
    await this.page.evaluate(`{
      const here = location.pathname.replace(/\\/$/, "") + location.search;
      if (here !== ${url}) document.querySelector("h1")?.setAttribute("data-left", "");
      history.pushState({}, "", ${url});
    }`);
    await this.page.locator("h1:not([data-left])").first().waitFor();
  }

  /** Fails when axe finds something (WCAG 2.2 AA) or the browser has complained. */
  async check(where: string, rules?: readonly string[]): Promise<void> {
    let told = await this.#violations(rules);
    // What is in the middle of changing its colours is looked at once it has them.
    for (let again = 0; told !== "" && again < LOOKS_AGAIN; again += 1) {
      await this.page.waitForTimeout(TRANSITION_MS);
      told = await this.#violations(rules);
    }
    assert.equal(told, "", `${where}: axe`);
    assert.deepEqual(this.complaints, [], `${where}: complaints of the browser`);
  }

  async #violations(rules: readonly string[] | undefined): Promise<string> {
    const axe = new AxeBuilder({ page: this.page })
      // Else it opens a window of its own at every look, for frames of other sites.
      .setLegacyMode()
      .options({ resultTypes: ["violations"] });
    // With only some rules it takes a tenth of the time.
    const chosen = rules === undefined ? axe.withTags(WCAG_TAGS) : axe.withRules([...rules]);
    const { violations } = await chosen
      // Fluent's guards of the focus: they pass it on at once, to where it belongs.
      .exclude("[data-tabster-dummy]")
      // Where no script may run, axe would wait for ever; what is shown there is not ours.
      .exclude("iframe[sandbox]")
      .analyze();
    const told = violations.map(({ id, help, nodes }) => {
      const places = nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`);
      return `${id}: ${help}\n${places.join("\n")}`;
    });
    return told.join("\n");
  }

  /** Waits until nothing is being loaded; a meter that shows how full something is may stay. */
  async settle(): Promise<void> {
    const busy = this.page.locator("[role=progressbar]:not([aria-valuenow])");
    await busy.first().waitFor({ state: "detached" });
  }

  /** Whether the page is wider than its window: nobody scrolls sideways for text. */
  async overflows(): Promise<boolean> {
    // Behind the sign-in it is not the window that scrolls, but what is beside the navigation.
    return this.page.evaluate<boolean>(
      `[document.documentElement, document.getElementById("content")]
        .some((one) => one !== null && one.scrollWidth > one.clientWidth)`,
    );
  }

  /** Keeps a picture, when POSTRIDER_PICTURES names a folder for them. */
  async picture(name: string): Promise<void> {
    const folder = process.env["POSTRIDER_PICTURES"];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }
}
