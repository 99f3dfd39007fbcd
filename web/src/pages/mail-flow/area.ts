import { MailInboxRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** Connectors, domains, rules. */
export const mailFlowArea: Area = {
  title: texts.area,
  icon: MailInboxRegular,
  pages: [
    {
      path: "/mail-flow/receive-connectors",
      title: texts.receiveConnectors,
      needs: ["Get-ReceiveConnector"],
      load: async () => (await import("./receive-connectors-page.tsx")).ReceiveConnectorsPage,
    },
  ],
};
