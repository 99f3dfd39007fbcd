import type { Page } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** One's own account; in reach of everybody who has signed in. */
export const accountPage: Page = {
  path: "/account",
  title: texts.title,
  needs: [],
  isHidden: true,
  load: async () => (await import("./account-page.tsx")).AccountPage,
};
