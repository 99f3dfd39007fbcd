import { useMayRun } from "../../api/session.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { BackupSection } from "./backup-section.tsx";
import { CompareSection } from "./compare-section.tsx";
import { ExportSection } from "./export-section.tsx";
import { texts } from "./texts.ts";

/** The configuration as a file, and backups. */
export function ConfigurationPage() {
  const mayRun = useMayRun();
  return (
    <>
      <PageHeader title={texts.configuration} about={texts.configurationAbout} />
      <ExportSection />
      {mayRun("Import-PostriderConfiguration") && <CompareSection />}
      {mayRun("Backup-Postrider") && <BackupSection />}
    </>
  );
}
