import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { ComponentsSection } from "./components-section.tsx";
import { PressureSection } from "./pressure-section.tsx";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

const CALL = { cmdlet: "Get-ExchangeServer", parameters: {} } as const;

/** The server: what it is, what of it is in service, what presses. */
export function OverviewPage() {
  const mayRun = useMayRun();
  const reading = useCmdlet(CALL, { refreshMs: 30_000 });
  const [server] = reading.data?.objects ?? [];
  return (
    <>
      <PageHeader title={texts.overview} about={texts.overviewAbout}>
        <ShowCmdlet call={CALL} />
      </PageHeader>
      {mayRun("Get-ServerComponentState") && <ComponentsSection />}
      {mayRun("Get-ResourceThrottling") && <PressureSection />}
      <Section title={texts.facts}>
        {reading.error && (
          <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
        )}
        {reading.isPending && <Loading />}
        <Suspense fallback={<Loading />}>
          {server && <PropertyList cmdlet="Get-ExchangeServer" object={server} />}
        </Suspense>
      </Section>
    </>
  );
}
