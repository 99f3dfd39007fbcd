import { TaskListSquareLtrRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** Queues, the messages in them, and jobs on many of either. */
export const queuesArea: Area = {
  title: texts.area,
  icon: TaskListSquareLtrRegular,
  pages: [
    {
      path: "/queues",
      title: texts.queues,
      words: texts.queueWords,
      needs: ["Get-Queue"],
      load: async () => (await import("./queues-page.tsx")).QueuesPage,
    },
    {
      path: "/queues/messages",
      title: texts.messages,
      words: texts.messageWords,
      needs: ["Get-Message"],
      load: async () => (await import("./messages-page.tsx")).MessagesPage,
    },
    {
      path: "/queues/jobs",
      title: texts.jobs,
      words: texts.jobWords,
      needs: ["Get-QueueJob"],
      load: async () => (await import("./jobs-page.tsx")).JobsPage,
    },
  ],
};
