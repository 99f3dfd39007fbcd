import { DocumentSearchRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** Where a message is, and what has become of it. */
export const traceArea: Area = {
  title: texts.area,
  icon: DocumentSearchRegular,
  pages: [
    {
      path: "/trace",
      title: texts.title,
      words: texts.words,
      needs: ["Get-MessageTrace"],
      load: async () => (await import("./trace-page.tsx")).TracePage,
    },
    {
      path: "/trace/$id",
      title: texts.title,
      needs: ["Get-MessageTrace", "Get-MessageTraceDetail"],
      isHidden: true,
      load: async () => (await import("./message-page.tsx")).MessagePage,
    },
    {
      path: "/trace-links",
      title: texts.links,
      words: texts.linksWords,
      needs: ["Get-MessageTraceLink"],
      load: async () => (await import("./links-page.tsx")).LinksPage,
    },
    {
      path: "/message-header",
      title: texts.headersTitle,
      words: texts.headersWords,
      needs: ["Get-MessageTrace"],
      load: async () => (await import("./header-page.tsx")).HeaderPage,
    },
  ],
};
