import { ShieldRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts as filters } from "./filters-texts.ts";
import { texts } from "./texts.ts";

/** What is kept from people, who is let in and who is not, and what proves who sends. */
export const protectionArea: Area = {
  title: texts.area,
  icon: ShieldRegular,
  pages: [
    {
      path: "/protection/quarantine",
      title: texts.quarantine,
      words: texts.quarantineWords,
      needs: ["Get-QuarantineMessage"],
      load: async () => (await import("./quarantine-page.tsx")).QuarantinePage,
    },
    {
      path: "/protection/quarantine/history",
      title: texts.quarantineHistory,
      words: texts.quarantineHistoryWords,
      needs: ["Get-QuarantineMessageHistory"],
      isHidden: true,
      load: async () => (await import("./quarantine-history.tsx")).QuarantineHistoryPage,
    },
    {
      path: "/protection/approval",
      title: texts.approval,
      words: texts.approvalWords,
      needs: ["Get-ModeratedMessage"],
      load: async () => (await import("./approval-page.tsx")).ApprovalPage,
    },
    {
      path: "/protection/lists",
      title: texts.lists,
      words: texts.listsWords,
      needs: ["Get-SenderFilterConfig", "Get-IPBlockListEntry"],
      load: async () => (await import("./lists-page.tsx")).ListsPage,
    },
    {
      path: "/protection/dkim",
      title: texts.dkim,
      words: texts.dkimWords,
      needs: ["Get-DkimSigningConfig"],
      load: async () => (await import("./dkim-page.tsx")).DkimPage,
    },
    {
      path: "/protection/dmarc",
      title: texts.dmarc,
      words: texts.dmarcWords,
      needs: ["Get-DmarcReport"],
      load: async () => (await import("./dmarc-page.tsx")).DmarcPage,
    },
    {
      path: "/protection/agents",
      title: texts.agents,
      words: texts.agentsWords,
      needs: ["Get-TransportAgent"],
      load: async () => (await import("./agents-page.tsx")).AgentsPage,
    },
    {
      path: "/protection/filters",
      title: texts.filters,
      words: texts.filtersWords,
      needs: ["Get-ContentFilterConfig"],
      load: async () => (await import("./filters-page.tsx")).FiltersPage,
    },
    {
      path: "/protection/filters/phrases",
      title: filters.phrases,
      needs: ["Get-ContentFilterPhrase"],
      isHidden: true,
      load: async () => (await import("./lookup-pages.tsx")).PhrasesPage,
    },
    {
      path: "/protection/filters/files",
      title: filters.files,
      needs: ["Get-AttachmentFilterEntry"],
      isHidden: true,
      load: async () => (await import("./lookup-pages.tsx")).FilesPage,
    },
    {
      path: "/protection/filters/block-providers",
      title: filters.blockProvider,
      needs: ["Get-IPBlockListProvider"],
      isHidden: true,
      load: async () => (await import("./lookup-pages.tsx")).BlockProvidersPage,
    },
    {
      path: "/protection/filters/allow-providers",
      title: filters.allowProvider,
      needs: ["Get-IPAllowListProvider"],
      isHidden: true,
      load: async () => (await import("./lookup-pages.tsx")).AllowProvidersPage,
    },
    {
      path: "/protection/filters/milters",
      title: filters.milters,
      needs: ["Get-Milter"],
      isHidden: true,
      load: async () => (await import("./lookup-pages.tsx")).MiltersPage,
    },
  ],
};
