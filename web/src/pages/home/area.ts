import { HomeRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** The first page. */
export const homeArea: Area = {
  title: texts.title,
  icon: HomeRegular,
  pages: [
    {
      path: "/",
      title: texts.title,
      needs: [],
      load: async () => (await import("./home-page.tsx")).HomePage,
    },
  ],
};
