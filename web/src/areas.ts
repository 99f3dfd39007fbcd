import type { Area, Page } from "./frame/area.ts";
import { accountPage } from "./pages/account/page.ts";
import { homeArea } from "./pages/home/area.ts";
import { mailFlowArea } from "./pages/mail-flow/area.ts";
import { protectionArea } from "./pages/protection/area.ts";
import { queuesArea } from "./pages/queues/area.ts";
import { recipientsArea } from "./pages/recipients/area.ts";
import { rulePages } from "./pages/rules/area.ts";
import { serversArea } from "./pages/servers/area.ts";
import { traceArea } from "./pages/trace/area.ts";

/** The areas in the order of the navigation. */
export const AREAS: readonly Area[] = [
  homeArea,
  queuesArea,
  traceArea,
  { ...mailFlowArea, pages: withRules(mailFlowArea.pages) },
  recipientsArea,
  protectionArea,
  serversArea,
];

/** Pages that are in no area. */
export const OTHER_PAGES: readonly Page[] = [
  accountPage,
  {
    path: "/cmdlet/$name",
    title: "",
    needs: [],
    isHidden: true,
    load: async () => (await import("./pages/cmdlet/cmdlet-page.tsx")).CmdletPage,
  },
];

/** Rules come behind the domains, as in Exchange's admin center. */
function withRules(pages: readonly Page[]): readonly Page[] {
  const at = pages.findIndex(({ path }) => path === "/mail-flow/certificates");
  return [...pages.slice(0, at), ...rulePages, ...pages.slice(at)];
}
